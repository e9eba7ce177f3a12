// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.CpuThreads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Threads that help a caller with the parts of its work. The caller takes part, and may use as many
 * threads as {@link CpuThreads} grants it; who is free takes the next part, so that a thread whose
 * core is busy elsewhere holds nobody up but for the part it is at.
 *
 * <p>Callers do not share workers: each borrows idle ones, or new ones where there are none, and
 * returns before its call does. They are daemons and wait for ever; there are as many as were ever
 * lent at once.
 */
final class Workers {
  /**
   * How long to spin before parking. It bridges the time between two kernels of a step; to wake a
   * parked thread takes as long.
   */
  private static final long SPIN_NANOS = 50_000;

  private static final ConcurrentLinkedDeque<Worker> IDLE = new ConcurrentLinkedDeque<>();
  private static final AtomicInteger MADE = new AtomicInteger();

  private Workers() {}

  /**
   * Runs every part from 0 to {@code parts - 1} once. After a failure no more parts are begun; the
   * first one reaches the caller, others that happen at the same time are suppressed in it.
   */
  static void run(int parts, IntConsumer part) {
    int workers = Math.min(CpuThreads.getNumThreads(), parts) - 1;
    if (workers <= 0) {
      for (int i = 0; i < parts; i++) {
        part.accept(i);
      }
      return;
    }
    Job job = new Job(parts, part);
    List<Worker> lent = new ArrayList<>(workers);
    try {
      while (lent.size() < workers) {
        Worker worker = borrow();
        lent.add(worker);
        worker.offer(job);
      }
      job.work();
    } finally {
      for (Worker worker : lent) {
        worker.recall(job);
        IDLE.push(worker);
      }
    }
    job.rethrow();
  }

  private static Worker borrow() {
    Worker idle = IDLE.poll(); // the last that came back is most likely still spinning
    return idle == null ? new Worker().started() : idle;
  }

  /** The parts of one call. */
  private static final class Job {
    private final int parts;
    private final IntConsumer part;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    final Thread caller = Thread.currentThread();
    volatile boolean callerParks;

    Job(int parts, IntConsumer part) {
      this.parts = parts;
      this.part = part;
    }

    void work() {
      try {
        for (int i = next.getAndIncrement(); i < parts; i = next.getAndIncrement()) {
          part.accept(i);
        }
      } catch (Throwable e) { // a worker must live on, whatever it is
        next.set(parts);
        if (!failure.compareAndSet(null, e)) {
          addSuppressed(e);
        }
      }
    }

    private void addSuppressed(Throwable e) {
      Throwable first = failure.get();
      if (first != null && first != e) {
        first.addSuppressed(e);
      }
    }

    void rethrow() {
      Throwable e = failure.get();
      if (e instanceof Error error) {
        throw error;
      }
      if (e != null) {
        throw e instanceof RuntimeException r ? r : new IllegalStateException(e);
      }
    }
  }

  /** One thread; its job is the offered one until it is taken back, or taken up and done. */
  private static final class Worker implements Runnable {
    private final AtomicReference<@Nullable Job> offered = new AtomicReference<>();
    private final Thread thread;
    private volatile boolean busy;
    private volatile boolean parks;

    Worker() {
      // Inherits nothing of a thread that may belong to a Spark task: it outlives it.
      thread = new Thread(null, this, "sparkgrad-worker-" + MADE.getAndIncrement(), 0, false);
      thread.setDaemon(true);
      thread.setContextClassLoader(null);
    }

    Worker started() {
      thread.start();
      return this;
    }

    void offer(Job job) {
      busy = true;
      offered.set(job);
      if (parks) {
        LockSupport.unpark(thread);
      }
    }

    /** Returns when this worker has no more to do with the job. */
    void recall(Job job) {
      if (offered.compareAndSet(job, null)) {
        busy = false; // it never came to it
        return;
      }
      for (long start = System.nanoTime(); busy && System.nanoTime() - start < SPIN_NANOS; ) {
        Thread.onSpinWait();
      }
      boolean interrupted = false;
      job.callerParks = true;
      while (busy) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted(); // or it would not park
      }
      job.callerParks = false;
      if (interrupted) {
        job.caller.interrupt();
      }
    }

    @Override
    public void run() {
      while (true) {
        Job job = await();
        job.work();
        busy = false;
        if (job.callerParks) {
          LockSupport.unpark(job.caller);
        }
      }
    }

    private Job await() {
      long start = System.nanoTime();
      while (true) {
        Job job = offered.get();
        if (job != null && offered.compareAndSet(job, null)) {
          return job;
        }
        if (System.nanoTime() - start < SPIN_NANOS) {
          Thread.onSpinWait();
          continue;
        }
        parks = true;
        if (offered.get() == null) {
          LockSupport.park(this);
        }
        parks = false;
        start = System.nanoTime();
      }
    }
  }
}
