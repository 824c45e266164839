from django.core.asgi import get_asgi_application

from mfaadmin.starting import refuse_errors

application = get_asgi_application()
refuse_errors()
