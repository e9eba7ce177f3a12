// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.checkpoint;

import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of a fit's checkpoints on any Hadoop file system. A file is written under another name
 * and renamed when it is complete; the last few are kept.
 */
final class CheckpointFolder {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointFolder.class);
  private static final Pattern NAME =
      Pattern.compile("epoch-(\\d{1,9})-step-(\\d{1,9})\\.safetensors");

  /** Hidden from Spark and Hadoop by the dot. */
  private static final Pattern UNFINISHED =
      Pattern.compile("\\.epoch-\\d+-step-\\d+\\.[-0-9a-f]{36}\\.tmp");

  private final FileSystem fs;
  private final Path folder;
  private final int keep;
  private volatile @Nullable Path lastComplete;

  /**
   * The folder, which need not be there yet.
   *
   * @param keep how many checkpoints are kept, at least 1
   */
  CheckpointFolder(String folder, Configuration conf, int keep) throws IOException {
    Path path = new Path(folder);
    this.fs = path.getFileSystem(conf);
    this.folder = fs.makeQualified(path);
    this.keep = keep;
  }

  /** Makes the folder if it is not there, and a file in it, which is gone afterwards. */
  void requireWritable() throws IOException {
    fs.mkdirs(folder);
    Path probe = new Path(folder, "." + UUID.randomUUID() + ".tmp");
    fs.create(probe, false).close();
    fs.delete(probe, false);
  }

  /** The newest checkpoint that can be read; each newer one that cannot costs a warning. */
  Optional<Checkpoint> latest() throws IOException {
    for (Path file : files()) {
      try {
        return Optional.of(read(file));
      } catch (IOException e) {
        LOG.warn("checkpoint skipped, the one before it is used: {}", e.getMessage());
      }
    }
    return Optional.empty();
  }

  private Checkpoint read(Path file) throws IOException {
    byte[] content;
    try (InputStream in = fs.open(file)) {
      content = in.readAllBytes();
    } catch (IOException e) {
      throw new IOException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
    Checkpoint checkpoint = Checkpoint.decode(content, file.toString());
    lastComplete = file;
    return checkpoint;
  }

  /** Deletes what writers left that were killed. */
  void removeUnfinished() throws IOException {
    for (FileStatus file : listed()) {
      if (UNFINISHED.matcher(file.getPath().getName()).matches()) {
        fs.delete(file.getPath(), false);
      }
    }
  }

  /** Writes a checkpoint, then deletes the oldest of those up to it that are too many. */
  void write(Position position, byte[] content) throws IOException {
    String name = "epoch-%05d-step-%08d".formatted(position.epoch(), position.step());
    Path file = new Path(folder, name + ".safetensors");
    Path unfinished = new Path(folder, "." + name + "." + UUID.randomUUID() + ".tmp");
    try (Closeable leftover = () -> remove(unfinished)) {
      try (OutputStream out = fs.create(unfinished, false)) {
        fs.deleteOnExit(unfinished); // if the process ends before this thread comes to do it
        out.write(content);
      }
      if (fs.exists(file)) { // damaged, or the same of an attempt that failed later
        fs.delete(file, false);
      }
      if (!fs.rename(unfinished, file)) {
        throw new IOException("%s cannot be renamed to %s".formatted(unfinished, file));
      }
    }
    lastComplete = file;
    List<Path> upToThis =
        files().stream().filter(f -> position(f).compareTo(position) <= 0).toList();
    for (Path old : upToThis.subList(Math.min(keep, upToThis.size()), upToThis.size())) {
      fs.delete(old, false);
    }
  }

  /** Also by a thread that is interrupted, whose calls a file system may refuse. */
  private void remove(Path unfinished) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      fs.delete(unfinished, false);
      fs.cancelDeleteOnExit(unfinished);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** The newest checkpoint that this object has read or written. */
  Optional<Path> lastComplete() {
    return Optional.ofNullable(lastComplete);
  }

  /** The newest first. */
  private List<Path> files() throws IOException {
    return listed().stream()
        .map(FileStatus::getPath)
        .filter(file -> NAME.matcher(file.getName()).matches())
        .sorted(Comparator.comparing(CheckpointFolder::position).reversed())
        .toList();
  }

  private List<FileStatus> listed() throws IOException {
    try {
      return List.of(fs.listStatus(folder));
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  private static Position position(Path file) {
    Matcher name = NAME.matcher(file.getName());
    if (!name.matches()) {
      throw new IllegalArgumentException("not the name of a checkpoint: " + file);
    }
    return new Position(Integer.parseInt(name.group(1)), Integer.parseInt(name.group(2)));
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
