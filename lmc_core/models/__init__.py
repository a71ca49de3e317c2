"""The networks: plain torch.nn modules, their initialisation, and one forward over stacked members."""
