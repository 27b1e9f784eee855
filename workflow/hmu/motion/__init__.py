"""Motion as numbers: skeleton, body models, HumanML3D's features, and pictures of them."""
