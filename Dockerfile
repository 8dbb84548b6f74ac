# The service of docs/serve.md. The model is in the image: it downloads nothing when it runs.
#
#   docker build --tag classify .
#   docker run --read-only --cap-drop ALL --security-opt no-new-privileges \
#     --publish 127.0.0.1:8090:8090 --env CLASSIFY_SERVE_TOKEN --volume "$PWD:/site:ro" classify
#
# /site is the project: classify.toml, definitions, articles and, for stored results, .classify/.
# Verdicts need it to be writable.

FROM python:3.13-slim AS build
RUN python -m venv /opt/classify
COPY requirements-serve.lock /source/
RUN /opt/classify/bin/pip install --no-cache-dir --require-hashes -r /source/requirements-serve.lock
COPY pyproject.toml README.md LICENSE /source/
COPY prompts /source/prompts
COPY categories /source/categories
COPY classifier /source/classifier
RUN /opt/classify/bin/pip install --no-cache-dir --no-deps /source

FROM python:3.13-slim
COPY --from=build /opt/classify /opt/classify
ENV PATH=/opt/classify/bin:/usr/local/bin:/usr/bin:/bin HOME=/site PYTHONDONTWRITEBYTECODE=1
WORKDIR /site
USER 10001:10001
EXPOSE 8090
HEALTHCHECK --start-period=30s CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8090/ready')"]
ENTRYPOINT ["classify"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8090", "--mcp"]
