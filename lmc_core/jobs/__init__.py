"""Jobs: a journal, a dispatcher and an engine that run experiments outside the web process."""
