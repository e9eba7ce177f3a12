// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.spark.StandingFileSystem;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.spark.util.SerializableConfiguration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointFolderTest {
  @TempDir Path dir;

  private CheckpointLocation location(int keep) {
    return new CheckpointLocation(
        dir.resolve("fit").toUri().toString(),
        keep,
        new SerializableConfiguration(new Configuration()));
  }

  private static Checkpoint checkpoint(int epoch, int step) {
    return new Checkpoint(
        new Position(epoch, step),
        Map.of("say", "epoch " + epoch),
        Map.of("w", Tensor.of(new float[] {epoch, step}, 1, 2)));
  }

  /** What a user sees: neither hidden files nor checksums. */
  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.list(dir.resolve("fit"))) {
      return all.map(p -> p.getFileName().toString())
          .filter(n -> !n.endsWith(".crc"))
          .sorted()
          .toList();
    }
  }

  private Path file(String name) {
    return dir.resolve("fit").resolve(name);
  }

  /** Beside the file lies a checksum of Hadoop's local file system, which would know, too. */
  private void overwrite(String name, byte[] content) throws IOException {
    Files.delete(file("." + name + ".crc"));
    Files.write(file(name), content);
  }

  @Test
  @DisplayName("the newest comes back as it was, and only the last few are kept")
  void keepsTheLast() throws Exception {
    try (CheckpointStore store = location(2).open()) {
      assertTrue(store.latest().isEmpty());
      for (int step = 0; step < 3; step++) {
        store.save(checkpoint(1, step));
      }
      store.save(checkpoint(2, 0));
      store.flush();
      assertEquals(
          List.of("epoch-00001-step-00000002.safetensors", "epoch-00002-step-00000000.safetensors"),
          files());
    }
    try (CheckpointStore store = location(2).open()) {
      Checkpoint latest = store.latest().orElseThrow();
      assertEquals(new Position(2, 0), latest.position());
      assertEquals(Map.of("say", "epoch 2"), latest.texts());
      assertEquals(List.of("w"), List.copyOf(latest.tensors().keySet()));
      assertArrayEquals(new float[] {2, 0}, latest.tensors().get("w").toFloatArray());
      assertTrue(
          store.lastComplete().orElseThrow().endsWith("epoch-00002-step-00000000.safetensors"));
    }
  }

  @Test
  @DisplayName("whichever byte of a file is damaged or missing, the one before it is used")
  void damaged() throws Exception {
    String name = "epoch-00002-step-00000000.safetensors";
    try (CheckpointStore store = location(3).open()) {
      store.save(checkpoint(1, 7));
      store.save(checkpoint(2, 0));
    }
    byte[] whole = Files.readAllBytes(file(name));
    overwrite(name, whole);
    for (int at = 0; at < whole.length; at += 13) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 4;
      Files.write(file(name), damaged);
      assertEquals(new Position(1, 7), latest().position(), "byte " + at);
      Files.write(file(name), java.util.Arrays.copyOf(whole, at));
      assertEquals(new Position(1, 7), latest().position(), "cut at " + at);
    }
    Files.write(file(name), whole);
    assertEquals(new Position(2, 0), latest().position());
  }

  private Checkpoint latest() {
    try (CheckpointStore store = location(3).open()) {
      return store.latest().orElseThrow();
    }
  }

  @Test
  @DisplayName("a good checkpoint outlives a damaged newer one, which is replaced when it is due")
  void damagedIsReplaced() throws Exception {
    String name = "epoch-00002-step-00000000.safetensors";
    try (CheckpointStore store = location(1).open()) {
      store.save(checkpoint(2, 0));
    }
    overwrite(name, new byte[] {1, 2, 3});
    try (CheckpointStore store = location(1).open()) {
      store.save(checkpoint(1, 7));
      store.flush();
      assertEquals(2, files().size());
      assertEquals(new Position(1, 7), store.latest().orElseThrow().position());
      store.save(checkpoint(2, 0));
      store.flush();
      assertEquals(List.of(name), files());
      assertEquals(new Position(2, 0), store.latest().orElseThrow().position());
    }
  }

  @Test
  @DisplayName("what a killed writer left is deleted, and other files are let alone")
  void leftovers() throws Exception {
    Files.createDirectories(dir.resolve("fit"));
    Files.write(file("notes.txt"), new byte[1]);
    Files.write(
        file(".epoch-00001-step-00000000.01234567-89ab-cdef-0123-456789abcdef.tmp"), new byte[9]);
    location(1).open().close();
    assertEquals(List.of("notes.txt"), files());
  }

  private long bytesWritten() throws IOException {
    long bytes = 0;
    for (String name : files()) {
      bytes += Files.size(file(name));
    }
    return bytes;
  }

  @Test
  @DisplayName("a write that is interrupted leaves no file")
  void interrupted() throws Exception {
    Configuration conf = new Configuration();
    conf.set("fs.standing.impl", StandingFileSystem.class.getName());
    Files.createDirectories(dir.resolve("fit"));
    CheckpointFolder folder = new CheckpointFolder("standing:" + dir.resolve("fit"), conf, 1);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread writer =
        new Thread(
            () -> {
              try {
                folder.write(new Position(1, 0), new byte[200]);
              } catch (IOException e) {
                failure.set(e);
              }
            });
    writer.setDaemon(true);
    writer.start();
    while (bytesWritten() == 0) { // earlier, making the file might lose the interrupt
      Thread.onSpinWait();
    }
    writer.interrupt();
    writer.join(60_000);
    assertInstanceOf(InterruptedIOException.class, failure.get());
    assertEquals(List.of(), files());
  }

  /** Local files under {@code lost:}, which break off when a checkpoint is all but there. */
  public static final class LostFileSystem extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("lost:///");
    }

    @Override
    public boolean rename(org.apache.hadoop.fs.Path source, org.apache.hadoop.fs.Path target)
        throws IOException {
      throw new IOException("connection lost");
    }

    @Override
    public boolean delete(org.apache.hadoop.fs.Path file, boolean recursive) throws IOException {
      throw new IOException("no connection");
    }
  }

  @Test
  @DisplayName("a write that fails says why, and not what became of cleaning up")
  void firstCause() throws Exception {
    Configuration conf = new Configuration();
    conf.set("fs.lost.impl", LostFileSystem.class.getName());
    CheckpointFolder folder = new CheckpointFolder("lost:" + dir.resolve("fit"), conf, 1);
    var e = assertThrows(IOException.class, () -> folder.write(new Position(1, 0), new byte[200]));
    assertEquals("connection lost", e.getMessage());
    assertEquals("no connection", e.getSuppressed()[0].getMessage());
  }

  @Test
  @DisplayName("a folder that cannot be written is told before training")
  void notWritable() throws Exception {
    Files.write(dir.resolve("fit"), new byte[1]);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> location(1).requireWritable());
    assertTrue(
        e.getMessage().startsWith("checkpointDir: file:")
            && e.getMessage().contains("cannot be written"),
        e.getMessage());
  }

  @Test
  @DisplayName("a checkpoint of a later format is an error and not skipped")
  void laterFormat() throws Exception {
    byte[] content = checkpoint(1, 0).encode();
    String text = new String(content, java.nio.charset.StandardCharsets.ISO_8859_1);
    byte[] later =
        text.replace("\"sparkgradCheckpoint\":\"1\"", "\"sparkgradCheckpoint\":\"2\"")
            .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    var crc = new java.util.zip.CRC32C();
    crc.update(later, 0, later.length - 8);
    java.nio.ByteBuffer.wrap(later)
        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
        .putLong(later.length - 8, crc.getValue());
    assertEquals(
        "checkpointDir: f is of format 2, expected at most 1; go on with the Sparkgrad that wrote it.",
        assertThrows(IllegalArgumentException.class, () -> Checkpoint.decode(later, "f"))
            .getMessage());
  }
}
