"""What the product is compared with: the older system, MLflow, PyOD, the DCASE baseline."""
