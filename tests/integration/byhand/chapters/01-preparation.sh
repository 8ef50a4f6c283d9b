#!/usr/bin/env bash
# Preparation
source person.sh

oc create namespace seldon-logs
oc create namespace seldon-system
oc create namespace seldon
oc label namespace seldon seldon.restricted=false --overwrite=true
