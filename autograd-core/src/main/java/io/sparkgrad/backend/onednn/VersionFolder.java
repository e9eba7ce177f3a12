// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A process's folder in a directory that has one for each version of what is unpacked there. The
 * process shares a lock on the file {@value #IN_USE} in it with all others of its version, for as
 * long as it lives; an operating system gives up the locks of a process however it ends. A folder
 * whose lock is free belongs to nobody, and the next process of another version removes it.
 *
 * <p>Processes enter one after the other, so none takes a folder that another is about to remove.
 *
 * @param inUse stays open: closing any channel of a file gives up all the JVM's locks on it
 */
record VersionFolder(Path path, FileChannel inUse) {
  static final String IN_USE = ".in-use";

  private static final System.Logger LOG = System.getLogger(VersionFolder.class.getName());

  /**
   * Makes the folder if need be, marks it as in use and removes those of other versions that are
   * not. What cannot be removed stays.
   *
   * @throws IOException if the folder cannot be made, written to or locked
   */
  static VersionFolder enter(Path directory, String version) throws IOException {
    Files.createDirectories(directory);
    // One class loader at a time: within a JVM a second lock on a file is an error, not a wait.
    synchronized (Runtime.getRuntime()) {
      try (FileChannel gate = open(directory.resolve(".lock"))) {
        gate.lock();
        Path own = Files.createDirectories(directory.resolve(version));
        FileChannel inUse = open(own.resolve(IN_USE));
        share(inUse);
        removeOthers(directory, own);
        return new VersionFolder(own, inUse);
      }
    }
  }

  private static FileChannel open(Path lock) throws IOException {
    return FileChannel.open(
        lock, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private static void share(FileChannel inUse) throws IOException {
    try {
      inUse.lock(0, Long.MAX_VALUE, true);
    } catch (OverlappingFileLockException e) {
      LOG.log(System.Logger.Level.DEBUG, "another class loader of this JVM holds the lock", e);
    }
  }

  private static void removeOthers(Path directory, Path own) {
    // Only folders made here have the file: the directory may hold anything else too.
    try (DirectoryStream<Path> versions =
        Files.newDirectoryStream(
            directory, f -> !f.equals(own) && Files.isRegularFile(f.resolve(IN_USE)))) {
      for (Path version : versions) {
        removeUnlessInUse(version);
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.log(System.Logger.Level.DEBUG, "old versions stay in " + directory, e);
    }
  }

  private static void removeUnlessInUse(Path version) throws IOException {
    FileChannel inUse = open(version.resolve(IN_USE));
    boolean free;
    try {
      free = inUse.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return; // held by this JVM, which closing the channel would end
    }
    try (inUse) {
      if (free) {
        remove(version);
      }
    }
  }

  private static void remove(Path folder) throws IOException {
    List<Path> deepestFirst; // and the lock after all others: if one stays, a later process goes on
    try (Stream<Path> files = Files.walk(folder)) {
      deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : deepestFirst) {
      Files.delete(file);
    }
  }
}
