// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.checkpoint;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.io.Safetensors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * The state of training between two steps. As a file it is in safetensors format: texts are its
 * metadata. The last tensor holds the CRC-32C of everything before it, header included, so that a
 * file that is cut short or damaged anywhere is known as such.
 *
 * @param texts by name
 * @param tensors by name
 */
public record Checkpoint(
    Position position, Map<String, String> texts, Map<String, Tensor> tensors) {
  private static final String VERSION = "sparkgradCheckpoint";
  private static final int CURRENT = 1;
  private static final String EPOCH = "epoch";
  private static final String STEP = "step";
  private static final String CHECKSUM = "crc32c";

  /** The content of its file. */
  public byte[] encode() {
    Map<String, String> metadata = new TreeMap<>(texts);
    metadata.put(VERSION, String.valueOf(CURRENT));
    metadata.put(EPOCH, String.valueOf(position.epoch()));
    metadata.put(STEP, String.valueOf(position.step()));
    Map<String, Tensor> all = new LinkedHashMap<>(tensors);
    all.put(CHECKSUM, Tensor.of(new long[] {0}, 1));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      Safetensors.write(all, metadata, out);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    byte[] content = out.toByteArray();
    checksumOf(content).putLong(0, checksum(content));
    return content;
  }

  /**
   * Reads what {@link #encode()} gave.
   *
   * @param source names the file in errors
   * @throws IOException if it is damaged or something else
   * @throws IllegalArgumentException if a later Sparkgrad wrote it
   */
  public static Checkpoint decode(byte[] content, String source) throws IOException {
    if (content.length < Long.BYTES || checksumOf(content).getLong(0) != checksum(content)) {
      throw new IOException(
          "%s is damaged or not complete: its %,d bytes do not have the checksum that it ends with"
              .formatted(source, content.length));
    }
    Map<String, String> texts = new LinkedHashMap<>(Safetensors.readMetadata(content, source));
    int version = number(texts, VERSION, source);
    if (version > CURRENT) {
      throw new IllegalArgumentException(
          "checkpointDir: %s is of format %d, expected at most %d; go on with the Sparkgrad that wrote it."
              .formatted(source, version, CURRENT));
    }
    Position position = new Position(number(texts, EPOCH, source), number(texts, STEP, source));
    Map<String, Tensor> tensors = Safetensors.read(content, source);
    tensors.remove(CHECKSUM);
    return new Checkpoint(position, texts, tensors);
  }

  private static int number(Map<String, String> texts, String name, String source)
      throws IOException {
    String text = texts.remove(name);
    if (text == null) {
      throw new IOException(
          "%s is not a checkpoint: it does not say its %s".formatted(source, name));
    }
    return Integer.parseInt(text);
  }

  private static ByteBuffer checksumOf(byte[] content) {
    return ByteBuffer.wrap(content, content.length - Long.BYTES, Long.BYTES)
        .slice()
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private static long checksum(byte[] content) {
    CRC32C crc = new CRC32C();
    crc.update(content, 0, content.length - Long.BYTES);
    return crc.getValue();
  }
}
