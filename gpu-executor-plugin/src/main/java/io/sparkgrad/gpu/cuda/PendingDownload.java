// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.PendingCopy;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * Values that copies put into page-locked memory, which goes back once they were read from there,
 * or when nobody can ask for them any more.
 */
final class PendingDownload implements PendingCopy {
  private static final Cleaner CLEANER = Cleaner.create();

  private final Consumer<Staging.Piece> wait;
  private final Pieces pieces;

  /** A piece and what it has, one part behind the other from the position of its buffer on. */
  private record Filled(Staging.Piece piece, List<Part> parts) {}

  /** In its own class, since it outlives the download. Its monitor guards both. */
  private record Pieces(Staging staging, Deque<Filled> filled) implements Runnable {
    @Override
    public synchronized void run() {
      filled.forEach(f -> staging.give(f.piece));
      filled.clear();
    }
  }

  /**
   * Of nothing yet.
   *
   * @param wait returns when the copy to a piece is done
   */
  PendingDownload(Consumer<Staging.Piece> wait, Staging staging) {
    this.wait = wait;
    this.pieces = new Pieces(staging, new ArrayDeque<>());
    CLEANER.register(this, pieces);
  }

  /** Adds a copy that was begun. */
  void add(Staging.Piece piece, List<Part> parts) {
    pieces.filled.add(new Filled(piece, parts));
  }

  @Override
  public void await() {
    try {
      synchronized (pieces) {
        for (Filled f : pieces.filled) {
          wait.accept(f.piece);
          f.parts.forEach(part -> part.read(f.piece.host()));
        }
        pieces.run();
      }
    } finally {
      Reference.reachabilityFence(this);
    }
  }
}
