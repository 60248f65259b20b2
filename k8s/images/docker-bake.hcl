# docker buildx bake -f k8s/images/docker-bake.hcl [app…]; run it at the root of the repository.

# Where images go, with a slash at its end. Empty: nowhere, they stay with the engine.
variable "REGISTRY" {
  default = ""
}

variable "TAG" {
  default = "dev"
}

variable "BASE" {
  default = "gcr.io/distroless/nodejs26-debian13:nonroot"
}

variable "BUILDER" {
  default = "node:26-slim"
}

# Such as linux/arm64, separated by commas. Empty: this machine's. The group `release` builds for both.
variable "PLATFORMS" {
  default = ""
}

variable "APPS" {
  default = [
    "gateway", "users", "catalog", "inventory", "orders", "payments", "shipping", "notifications", "pricing",
    "psp-simulator", "carrier-simulator", "mail-sink", "host",
  ]
}

group "default" {
  targets = APPS
}

target "app" {
  name       = app
  matrix     = { app = APPS }
  context    = "."
  dockerfile = "k8s/images/Dockerfile"
  args       = { APP = app, SOURCES = app == "host" ? "all-apps" : "one-app", BASE = BASE, BUILDER = BUILDER, VERSION = TAG }
  tags       = ["${REGISTRY}kontor/${app}:${TAG}"]
  platforms  = PLATFORMS == "" ? [] : split(",", PLATFORMS)
}

# The same images for both processors, with SBOM and provenance, pushed.
group "release" {
  targets = formatlist("%s-release", APPS)
}

target "app-release" {
  name      = "${app}-release"
  matrix    = { app = APPS }
  inherits  = [app]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=sbom", "type=provenance,mode=max"]
  output    = ["type=registry"]
}
