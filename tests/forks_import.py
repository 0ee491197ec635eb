"""What the process imports from which others are forked; see `forks`."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its dependencies warn of one another while they are imported
    import mlflow.genai
    import mlflow.store.model_registry.sqlalchemy_store
    import mlflow.store.tracking.sqlalchemy_store
    import sklearn.feature_extraction.text
    import sqlalchemy.orm

    sqlalchemy.orm.configure_mappers()

import technoshare_commentator.cli.app
import technoshare_commentator.cli.prompts.views
import technoshare_commentator.mlops.prompts.registry

__all__ = ["mlflow", "sklearn", "sqlalchemy", "technoshare_commentator"]
