// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.io;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Reads and writes safetensors: 8 bytes with the length of a JSON header, the header, which gives
 * each tensor's type, shape and place, and the numbers, little-endian and row-major.
 */
public final class Safetensors {
  /** What one Java array holds. */
  private static final long LONGEST_FILE = Integer.MAX_VALUE - 8L;

  private static final ObjectMapper JSON = new ObjectMapper();

  private Safetensors() {}

  /** All tensors of a file, in the order of its header, on the default CPU backend. */
  public static Map<String, Tensor> read(Path file) throws IOException {
    long size = Files.size(file);
    if (size > LONGEST_FILE) {
      throw new SafetensorsException(
          file.toString(),
          "expected at most %d bytes, got %d; split the tensors over several files"
              .formatted(LONGEST_FILE, size));
    }
    return read(Files.readAllBytes(file), file.toString());
  }

  /**
   * All tensors of a file's content. F16 and BF16 become FLOAT32, all integers INT64.
   *
   * @param source names the file in errors
   * @throws SafetensorsException if the content is not valid; nothing is allocated by a length that
   *     was not checked
   */
  public static Map<String, Tensor> read(byte[] content, String source) {
    SafetensorsHeader header = SafetensorsHeader.parse(content, source);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    header
        .entries()
        .forEach(
            (name, entry) -> {
              ByteBuffer data =
                  ByteBuffer.wrap(content, header.dataStart() + entry.begin(), entry.length())
                      .slice()
                      .order(ByteOrder.LITTLE_ENDIAN);
              tensors.put(name, entry.type().decode(data, entry.shape()));
            });
    return tensors;
  }

  /** The {@code __metadata__} of a file's content. */
  public static Map<String, String> readMetadata(byte[] content, String source) {
    return SafetensorsHeader.parse(content, source).metadata();
  }

  /**
   * Writes a file as a whole or not at all: what stood there stays until the new content is
   * complete.
   */
  public static void write(Map<String, Tensor> tensors, Map<String, String> metadata, Path file)
      throws IOException {
    // Beside the file, since only within a directory is a move atomic, and made by the plain way:
    // createTempFile would leave a file that only its owner can read.
    Path temporary = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      try (OutputStream out =
          new BufferedOutputStream(
              Files.newOutputStream(
                  temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
        write(tensors, metadata, out);
      }
      Files.move(
          temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Writes tensors in the map's order; the stream stays open. */
  public static void write(
      Map<String, Tensor> tensors, Map<String, String> metadata, OutputStream out)
      throws IOException {
    ObjectNode header = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode node = header.putObject(SafetensorsHeader.METADATA);
      metadata.forEach(node::put);
    }
    long offset = 0;
    for (Map.Entry<String, Tensor> e : tensors.entrySet()) {
      if (e.getKey().equals(SafetensorsHeader.METADATA)) {
        throw new IllegalArgumentException(
            "safetensors: a tensor cannot be called " + SafetensorsHeader.METADATA);
      }
      Tensor t = e.getValue();
      long end = offset + t.numel() * t.dtype().bytes();
      ObjectNode node = header.putObject(e.getKey());
      node.put("dtype", StoredType.of(t.dtype()).name());
      Arrays.stream(t.shape().dims()).forEach(node.putArray("shape")::add);
      node.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    text.write(JSON.writeValueAsString(header).getBytes(StandardCharsets.UTF_8));
    while (text.size() % 8 != 0) {
      text.write(' ');
    }
    ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    out.write(length.putLong(text.size()).array());
    text.writeTo(out);
    for (Tensor t : tensors.values()) {
      out.write(encode(t));
    }
  }

  private static byte[] encode(Tensor t) {
    int n = Math.toIntExact(t.numel());
    ByteBuffer data =
        ByteBuffer.allocate(Math.multiplyExact(n, t.dtype().bytes()))
            .order(ByteOrder.LITTLE_ENDIAN);
    switch (t.dtype()) {
      case FLOAT32 -> data.asFloatBuffer().put(t.toFloatArray());
      case FLOAT64 -> data.asDoubleBuffer().put(t.toDoubleArray());
      case INT64 -> data.asLongBuffer().put(t.toLongArray());
      case BOOL -> {
        for (long b : t.toLongArray()) {
          data.put((byte) b);
        }
      }
    }
    return data.array();
  }
}
