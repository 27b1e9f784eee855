"""Motion: skeleton, body models, HumanML3D's features, and pictures, animations and BVH of it."""
