"""The data sets, each as one tensor of images and one of labels."""
