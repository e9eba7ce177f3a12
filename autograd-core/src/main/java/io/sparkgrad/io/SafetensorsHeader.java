// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sparkgrad.shape.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The checked header of a safetensors file: the ranges of its entries fit their types and shapes
 * and cover the data exactly, without holes or overlaps.
 */
record SafetensorsHeader(int dataStart, Map<String, Entry> entries, Map<String, String> metadata) {
  static final String METADATA = "__metadata__";

  private static final int LENGTH_BYTES = 8;

  /** The bound of the format's own reader. */
  private static final long LONGEST_HEADER = 100_000_000;

  private static final ObjectReader JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .reader();

  /** One tensor; begin and length in bytes, relative to the data. */
  record Entry(StoredType type, Shape shape, int begin, int length) {}

  static SafetensorsHeader parse(byte[] content, String source) {
    if (content.length < LENGTH_BYTES) {
      throw new SafetensorsException(
          source, "expected at least 8 bytes with the header's length, got " + content.length);
    }
    long length = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 2 || length > LONGEST_HEADER || length > content.length - LENGTH_BYTES) {
      throw new SafetensorsException(
          source,
          "it says its header is %d bytes long, but the file has %d (is it a safetensors file?)"
              .formatted(length, content.length));
    }
    return new Reader(source, content, (int) length).header();
  }

  private static final class Reader {
    private final String source;
    private final JsonNode root;
    private final int dataStart;
    private final long dataLength;

    Reader(String source, byte[] content, int headerLength) {
      this.source = source;
      this.dataStart = LENGTH_BYTES + headerLength;
      this.dataLength = (long) content.length - dataStart;
      if (content[LENGTH_BYTES] != '{') {
        throw new SafetensorsException(source, "its header does not start with {");
      }
      try {
        // Strictly UTF-8: a JSON parser would guess the encoding from the first bytes.
        String text =
            StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(content, LENGTH_BYTES, headerLength))
                .toString();
        this.root = JSON.readTree(text);
      } catch (CharacterCodingException e) {
        throw new SafetensorsException(source, "its header is not valid UTF-8: " + e.getMessage());
      } catch (JsonProcessingException e) {
        throw new SafetensorsException(
            source, "its header is not valid JSON: " + e.getOriginalMessage());
      }
    }

    SafetensorsHeader header() {
      Map<String, Entry> entries = new LinkedHashMap<>();
      Map<String, String> metadata = new LinkedHashMap<>();
      root.properties()
          .forEach(
              field -> {
                if (field.getKey().equals(METADATA)) {
                  readMetadata(field.getValue(), metadata);
                } else {
                  entries.put(field.getKey(), entry(field.getKey(), field.getValue()));
                }
              });
      checkCoverage(entries);
      return new SafetensorsHeader(dataStart, entries, metadata);
    }

    private void readMetadata(JsonNode node, Map<String, String> metadata) {
      if (!node.isObject()) {
        throw new SafetensorsException(source, METADATA + " is not an object of strings");
      }
      node.properties()
          .forEach(
              field -> {
                if (!field.getValue().isTextual()) {
                  throw new SafetensorsException(
                      source, "metadata '" + field.getKey() + "' is not a string");
                }
                metadata.put(field.getKey(), field.getValue().asText());
              });
    }

    private Entry entry(String name, JsonNode node) {
      StoredType type = type(name, node.path("dtype").asText(""));
      Shape shape = shape(name, node.path("shape"));
      JsonNode offsets = node.path("data_offsets");
      if (!offsets.isArray()
          || offsets.size() != 2
          || !isLong(offsets.get(0))
          || !isLong(offsets.get(1))) {
        throw new SafetensorsException(source, "tensor '" + name + "' has no valid data_offsets");
      }
      long begin = offsets.get(0).asLong();
      long end = offsets.get(1).asLong();
      if (begin < 0 || end < begin || end > dataLength) {
        throw new SafetensorsException(
            source,
            "tensor '%s' lies at bytes %d to %d, outside the data of %d bytes"
                .formatted(name, begin, end, dataLength));
      }
      if (shape.numel() > dataLength || shape.numel() * type.bytes() != end - begin) {
        throw new SafetensorsException(
            source,
            "tensor '%s' of type %s and shape %s does not fit its %d bytes"
                .formatted(name, type, shape, end - begin));
      }
      return new Entry(type, shape, (int) begin, (int) (end - begin));
    }

    private static boolean isLong(JsonNode node) {
      return node.isIntegralNumber() && node.canConvertToLong();
    }

    private StoredType type(String name, String dtype) {
      for (StoredType t : StoredType.values()) {
        if (t.name().equals(dtype)) {
          return t;
        }
      }
      throw new SafetensorsException(
          source,
          "tensor '%s' has dtype '%s'; readable are %s"
              .formatted(name, dtype, List.of(StoredType.values())));
    }

    private Shape shape(String name, JsonNode node) {
      if (!node.isArray()) {
        throw new SafetensorsException(source, "tensor '" + name + "' has no shape");
      }
      long[] dims = new long[node.size()];
      for (int i = 0; i < dims.length; i++) {
        if (!isLong(node.get(i)) || node.get(i).asLong() < 0) {
          throw new SafetensorsException(
              source, "tensor '%s' has the shape %s".formatted(name, node));
        }
        dims[i] = node.get(i).asLong();
      }
      try {
        return Shape.of(dims);
      } catch (ArithmeticException e) {
        throw new SafetensorsException(
            source, "tensor '%s' has more elements than can be counted: %s".formatted(name, node));
      }
    }

    private void checkCoverage(Map<String, Entry> entries) {
      List<Map.Entry<String, Entry>> ordered = new ArrayList<>(entries.entrySet());
      ordered.sort(
          Comparator.<Map.Entry<String, Entry>>comparingInt(e -> e.getValue().begin())
              .thenComparingInt(e -> e.getValue().length()));
      long covered = 0;
      for (Map.Entry<String, Entry> e : ordered) {
        if (e.getValue().begin() != covered) {
          throw new SafetensorsException(
              source,
              "the data %s before tensor '%s': expected it at byte %d, got %d"
                  .formatted(
                      e.getValue().begin() < covered ? "overlap" : "have a hole",
                      e.getKey(),
                      covered,
                      e.getValue().begin()));
        }
        covered += e.getValue().length();
      }
      if (covered != dataLength) {
        throw new SafetensorsException(
            source, "%d bytes at its end belong to no tensor".formatted(dataLength - covered));
      }
    }
  }
}
