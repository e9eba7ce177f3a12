// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.io;

/**
 * A file that is not valid safetensors; the message names the file, the tensor and what is wrong.
 */
public final class SafetensorsException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  SafetensorsException(String source, String problem) {
    super("safetensors: " + source + ": " + problem);
  }
}
