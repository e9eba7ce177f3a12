// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.io;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsTest {
  @TempDir private Path directory;

  private static byte[] written(Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Safetensors.write(tensors, metadata, out);
    return out.toByteArray();
  }

  /** A file of this header and so many bytes of data. */
  private static byte[] file(String header, int data) {
    byte[] text = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + text.length + data)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(text.length)
        .put(text)
        .array();
  }

  static Stream<Tensor> tensors() {
    return Stream.of(
        Tensor.of(new float[] {1.5f, Float.NaN, -0f, Float.MIN_VALUE}, 2, 2),
        Tensor.of(new double[] {Math.PI, Double.NEGATIVE_INFINITY}),
        Tensor.of(new long[] {Long.MIN_VALUE, Long.MAX_VALUE, (1L << 53) + 1}),
        Tensor.of(new long[] {1, 0, 1}).to(DType.BOOL),
        Tensor.scalar(3),
        Tensor.of(new long[] {5}).reshape(),
        Tensor.zeros(0, 3));
  }

  @ParameterizedTest
  @MethodSource("tensors")
  @DisplayName("SER-1, S02: each type comes back bit for bit")
  void thereAndBack(Tensor t) throws IOException {
    byte[] content = written(Map.of("x", t), Map.of());
    Tensor again = Safetensors.read(content, "test").get("x");
    assertEquals(t.dtype(), again.dtype());
    assertEquals(t.shape(), again.shape());
    assertArrayEquals(t.toDoubleArray(), again.toDoubleArray());
    assertArrayEquals(t.toLongArray(), again.toLongArray());
    assertFalse(again.requiresGrad());
    assertArrayEquals(content, written(Map.of("x", again), Map.of()));
  }

  @Test
  @DisplayName("SER-1: the bytes of a file, and its metadata")
  void bytes() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("b", Tensor.of(new float[] {1}));
    tensors.put("ä", Tensor.of(new long[] {2}).reshape());
    byte[] content = written(tensors, Map.of("format", "pt"));
    ByteBuffer in = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    int length = (int) in.getLong();
    assertEquals(0, length % 8);
    assertEquals(
        "{'__metadata__':{'format':'pt'},'b':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'ä':{'dtype':'I64','shape':[],'data_offsets':[4,12]}}"
            .replace('\'', '"'),
        new String(content, 8, length, StandardCharsets.UTF_8).strip());
    assertEquals(1f, in.getFloat(8 + length));
    assertEquals(2, in.getLong(8 + length + 4));
    assertEquals(8 + length + 12, content.length);
    assertEquals(Map.of("format", "pt"), Safetensors.readMetadata(content, "test"));
    assertEquals(List.of("b", "ä"), List.copyOf(Safetensors.read(content, "test").keySet()));
  }

  @Test
  @DisplayName("half precision widens to FLOAT32, integers to INT64")
  void otherTypes() {
    ByteBuffer data =
        ByteBuffer.wrap(
                file(
                    "{'h':{'dtype':'F16','shape':[6],'data_offsets':[0,12]},"
                        + "'b':{'dtype':'BF16','shape':[2],'data_offsets':[12,16]},"
                        + "'i':{'dtype':'I32','shape':[1],'data_offsets':[16,20]},"
                        + "'s':{'dtype':'I16','shape':[1],'data_offsets':[20,22]},"
                        + "'c':{'dtype':'I8','shape':[1],'data_offsets':[22,23]},"
                        + "'u':{'dtype':'U8','shape':[1],'data_offsets':[23,24]}}",
                    24))
            .order(ByteOrder.LITTLE_ENDIAN);
    data.position(data.capacity() - 24);
    for (int half : new int[] {0x3C00, 0xC000, 0x0001, 0x8000, 0x7C00, 0x7BFF}) {
      data.putShort((short) half);
    }
    data.putShort((short) 0x3F80).putShort((short) 0xC049);
    data.putInt(-7).putShort((short) -8).put((byte) -9).put((byte) 200);
    Map<String, Tensor> t = Safetensors.read(data.array(), "test");
    assertArrayEquals(
        new float[] {1, -2, 0x1p-24f, -0f, Float.POSITIVE_INFINITY, 65504},
        t.get("h").toFloatArray());
    assertArrayEquals(new float[] {1, -3.140625f}, t.get("b").toFloatArray());
    assertEquals(-7, t.get("i").item());
    assertEquals(-8, t.get("s").item());
    assertEquals(-9, t.get("c").item());
    assertEquals(200, t.get("u").item());
    assertEquals(DType.INT64, t.get("u").dtype());
  }

  private static final String ONE = "'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}";

  static Stream<Arguments> malformed() {
    return Stream.of(
        Arguments.of(new byte[3], "expected at least 8 bytes with the header's length, got 3"),
        Arguments.of(
            ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(9).array(),
            "it says its header is 9 bytes long, but the file has 16 (is it a safetensors file?)"),
        Arguments.of(
            ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(-1).array(),
            "it says its header is -1 bytes long, but the file has 16 (is it a safetensors file?)"),
        Arguments.of(
            ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(100_000_001).array(),
            "it says its header is 100000001 bytes long, but the file has 16 (is it a safetensors file?)"),
        Arguments.of(file("[]", 0), "its header does not start with {"),
        Arguments.of(file("{'a\u0000':", 0), "its header is not valid JSON"),
        Arguments.of(file("{} {}", 0), "its header is not valid JSON"),
        Arguments.of(
            file("{" + ONE + "," + ONE + "}", 4),
            "its header is not valid JSON: Duplicate field 'a'"),
        Arguments.of(file("{'__metadata__':{'a':1}}", 0), "metadata 'a' is not a string"),
        Arguments.of(file("{'__metadata__':'a'}", 0), "__metadata__ is not an object of strings"),
        Arguments.of(file("{'a':7}", 0), "tensor 'a' has dtype ''; readable are [F64, F32,"),
        Arguments.of(
            file("{'a':{'dtype':'F8_E4M3','shape':[1],'data_offsets':[0,1]}}", 1),
            "tensor 'a' has dtype 'F8_E4M3'; readable are [F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL]"),
        Arguments.of(
            file("{'a':{'dtype':'F32','data_offsets':[0,4]}}", 4), "tensor 'a' has no shape"),
        Arguments.of(
            file("{'a':{'dtype':'F32','shape':[-1],'data_offsets':[0,4]}}", 4),
            "tensor 'a' has the shape [-1]"),
        Arguments.of(
            file("{'a':{'dtype':'F32','shape':[1.5],'data_offsets':[0,4]}}", 4),
            "tensor 'a' has the shape [1.5]"),
        Arguments.of(
            file("{'a':{'dtype':'F32','shape':[4611686018427387904,4],'data_offsets':[0,4]}}", 4),
            "tensor 'a' has more elements than can be counted: [4611686018427387904,4]"),
        Arguments.of(
            file("{'a':{'dtype':'F64','shape':[2305843009213693952],'data_offsets':[0,0]}}", 0),
            "tensor 'a' of type F64 and shape [2305843009213693952] does not fit its 0 bytes"),
        Arguments.of(
            file("{'a':{'dtype':'F32','shape':[1]}}", 4), "tensor 'a' has no valid data_offsets"),
        Arguments.of(
            file("{'a':{'dtype':'F32','shape':[1],'data_offsets':{'x':0,'y':4}}}", 4),
            "tensor 'a' has no valid data_offsets"),
        Arguments.of(
            file("{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4.5]}}", 4),
            "tensor 'a' has no valid data_offsets"),
        Arguments.of(
            file("{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}", 2),
            "tensor 'a' lies at bytes 0 to 4, outside the data of 2 bytes"),
        Arguments.of(
            file("{'a':{'dtype':'F32','shape':[0],'data_offsets':[4,0]}}", 4),
            "tensor 'a' lies at bytes 4 to 0, outside the data of 4 bytes"),
        Arguments.of(
            file("{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}}", 4),
            "tensor 'a' of type F32 and shape [2] does not fit its 4 bytes"),
        Arguments.of(
            file("{" + ONE + ",'b':{'dtype':'F32','shape':[1],'data_offsets':[2,6]}}", 6),
            "the data overlap before tensor 'b': expected it at byte 4, got 2"),
        Arguments.of(
            file("{" + ONE + ",'b':{'dtype':'F32','shape':[1],'data_offsets':[8,12]}}", 12),
            "the data have a hole before tensor 'b': expected it at byte 4, got 8"),
        Arguments.of(file("{" + ONE + "}", 6), "2 bytes at its end belong to no tensor"));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("malformed")
  @DisplayName("SER-2, S03: what is not a valid file is refused, and the message names the file")
  void refuses(byte[] content, String message) throws IOException {
    Path file = directory.resolve("weights.safetensors");
    Files.write(file, content);
    String got =
        assertThrows(SafetensorsException.class, () -> Safetensors.read(file)).getMessage();
    assertTrue(got.startsWith("safetensors: " + file + ": " + message), got);
  }

  @Test
  @DisplayName("SER-2: a header in another encoding than UTF-8")
  void encodings() {
    byte[] latin = file("{'x':7}", 0);
    latin[10] = (byte) 0xE4;
    assertTrue(
        assertThrows(SafetensorsException.class, () -> Safetensors.read(latin, "latin"))
            .getMessage()
            .startsWith("safetensors: latin: its header is not valid UTF-8"));
    byte[] text = "{}".getBytes(StandardCharsets.UTF_16LE);
    byte[] wide =
        ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN).putLong(4).put(text).array();
    assertThrows(SafetensorsException.class, () -> Safetensors.read(wide, "wide"));
  }

  @Test
  @DisplayName("a file is replaced as a whole or stays as it was, and nothing is left beside it")
  void atomicWrite() throws IOException {
    Path file = directory.resolve("w.safetensors");
    Safetensors.write(Map.of("a", Tensor.ones(2)), Map.of(), file);
    byte[] before = Files.readAllBytes(file);
    Map<String, Tensor> bad = new LinkedHashMap<>();
    bad.put("a", Tensor.zeros(2));
    bad.put("__metadata__", Tensor.zeros(2));
    rejects(
        IllegalArgumentException.class,
        "safetensors: a tensor cannot be called __metadata__",
        () -> {
          try {
            Safetensors.write(bad, Map.of(), file);
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
    assertArrayEquals(before, Files.readAllBytes(file));
    Safetensors.write(Map.of("a", Tensor.zeros(2)), Map.of(), file);
    assertArrayEquals(new float[2], Safetensors.read(file).get("a").toFloatArray());
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  @DisplayName("others may read the file as far as the process's umask says")
  void permissions() throws IOException {
    Path plain = Files.createFile(directory.resolve("plain"));
    Path file = directory.resolve("w.safetensors");
    Safetensors.write(Map.of(), Map.of(), file);
    assertEquals(Files.getPosixFilePermissions(plain), Files.getPosixFilePermissions(file));
  }

  @Test
  void aMissingDirectoryIsNamed() {
    Path file = directory.resolve("missing").resolve("w.safetensors");
    String message =
        assertThrows(IOException.class, () -> Safetensors.write(Map.of(), Map.of(), file))
            .getMessage();
    assertTrue(message.contains("missing"), message);
  }
}
