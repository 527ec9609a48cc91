"""Small programs for whoever works on the code: lock files, published holes, commit subjects. The app needs none of them."""
