"""The record of a file's making: read, compared, made again, cited."""
