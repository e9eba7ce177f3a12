// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.Handle;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.PendingCopy;
import io.sparkgrad.nn.Parameter;
import io.sparkgrad.spark.allreduce.CollectiveQueue;
import io.sparkgrad.spark.allreduce.FloatFormat;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the gradients of all workers the weighted mean over the global batch. Every worker's loss
 * is a weighted <i>sum</i> over its rows, so the workers' gradients add up to that of the global
 * sum, and dividing by the global weight gives the exact mean, however unequal the workers' batches
 * are. Frozen parameters are in no bucket: they cost no byte. A worker by itself divides its
 * gradients where they are.
 *
 * <p>The gradients travel in buckets while backward still runs: a bucket is handed to the thread
 * that communicates as soon as the gradients of all its parameters are finished and the buckets
 * before it were handed over. So all ranks send the same buckets in the same order, and each is
 * summed as if it had been sent at the end: the bits do not depend on which thread is faster. From
 * a device a bucket is copied meanwhile, and that thread alone waits for the copy. Ranks that have
 * less to do, or failed, send what they have, and zeros. Who makes other collective calls meanwhile
 * holds the buckets back until all ranks have them, and releases them together.
 */
final class GradientSynchronizer implements AutoCloseable {
  /** Weight, loss, failures. */
  private static final int TAIL = 3;

  private final TimedCommunicator communicator;
  private final List<Parameter> parameters;
  private final Settings settings;
  private final List<GradientBucket> buckets;
  private final CollectiveQueue queue;
  private final List<Handle> hooks = new ArrayList<>();

  /** Whether the gradients that backward finishes now are those of the step. */
  private boolean taking;

  /** Buckets that were handed over. */
  private int sent;

  /**
   * When the buckets are sent, and how.
   *
   * @param firstBytes at which the first bucket is full
   * @param bytes at which the others are
   * @param holding whether they wait for {@link #release} instead of being sent as soon as full
   * @param format of gradients on their way
   */
  record Settings(long firstBytes, long bytes, boolean holding, FloatFormat format) {
    /** The first is full at a quarter, so that the network has something to do sooner. */
    static Settings ofBuckets(long bytes) {
      return new Settings(bytes / 4, bytes, false, FloatFormat.FLOAT32);
    }

    Settings withHolding(boolean value) {
      return new Settings(firstBytes, bytes, value, format);
    }

    Settings withFormat(FloatFormat value) {
      return new Settings(firstBytes, bytes, holding, value);
    }
  }

  /** The parameters that are trained, in order of registration, equal on all ranks. */
  GradientSynchronizer(
      TimedCommunicator communicator, List<Parameter> trainable, Settings settings) {
    this.communicator = communicator;
    this.parameters = trainable;
    this.settings = settings;
    this.queue = new CollectiveQueue(communicator.untimed());
    if (communicator.worldSize() == 1) {
      buckets = List.of();
      return;
    }
    buckets = GradientBucket.divide(trainable, settings.firstBytes, settings.bytes);
    for (int b = 0; b < buckets.size(); b++) {
      List<Parameter> content = buckets.get(b).parameters();
      for (int i = 0; i < content.size(); i++) {
        int bucket = b;
        int index = i;
        hooks.add(content.get(i).registerPostAccumulateGradHook(p -> finished(bucket, index)));
      }
    }
  }

  /**
   * Sums over all ranks.
   *
   * @param failures how many ranks could not compute their part
   */
  record Global(double weight, double loss, double failures) {}

  /** Begins a step, in which nothing is sent yet. */
  void begin() {
    taking = false;
    sent = 0;
    buckets.forEach(GradientBucket::begin);
  }

  /**
   * The backward pass that follows is the step's last on this rank: what it finishes is sent, or
   * after a {@link #restart} that came too late for some buckets, by {@link #average}.
   */
  void expectLast() {
    taking = sent == 0;
  }

  /**
   * The step's backward passes are made again on this rank, after the last did not end. Buckets
   * that were sent had all their gradients, so they count as they are.
   */
  void restart() {
    taking = false;
    buckets.subList(sent, buckets.size()).forEach(GradientBucket::begin);
  }

  private void finished(int bucket, int index) {
    if (!taking) {
      return;
    }
    if (bucket < sent) {
      throw new IllegalStateException(
          "network: one backward pass accumulated the gradient of a parameter of shape %s twice, the second time after it was sent; a layer must not call backward inside its own backward."
              .formatted(buckets.get(bucket).parameters().get(index).shape()));
    }
    buckets.get(bucket).finish(index);
    if (!settings.holding) {
      release(full());
    }
  }

  /**
   * The step has no further backward pass on this rank: what is finished from here on is not taken.
   */
  void complete() {
    taking = false;
    buckets.forEach(GradientBucket::complete);
  }

  /** How many buckets there are, the same on all ranks. */
  int size() {
    return buckets.size();
  }

  /** How many buckets, from the first on, have all that this rank puts into them. */
  int full() {
    int full = sent;
    while (full < buckets.size() && buckets.get(full).isFull()) {
      full++;
    }
    return full;
  }

  /** Sends so many buckets, from the first on, as far as they are not sent yet. */
  void release(int count) {
    while (sent < count) {
      GradientBucket bucket = buckets.get(sent++);
      PendingCopy gradients = bucket.take();
      float[] values = bucket.values();
      queue.add(
          c -> {
            gradients.await();
            c.allReduceSum(values, 0, values.length, settings.format);
          });
    }
  }

  /** Waits until what was released has arrived; until something else is, calls may be made. */
  void await() {
    communicator.timed(queue::await);
  }

  /**
   * Replaces the gradients of this rank's weighted loss sum by the global mean, the same bits on
   * every rank; a parameter that no rank's loss reached keeps none. Waits for the other ranks.
   *
   * @param own weight and loss of this rank's rows, 0 if it has none in this step
   * @throws io.sparkgrad.spark.allreduce.CommunicationException if a rank is lost
   */
  Global average(Global own) {
    if (communicator.worldSize() == 1) {
      if (own.weight() > 0) {
        divide(own.weight());
      }
      return own;
    }
    complete();
    release(size());
    buckets.forEach(bucket -> bucket.take().await()); // a device may still be in backward
    double[] tail = new double[TAIL];
    tail[0] = own.weight();
    tail[1] = own.loss();
    tail[2] = own.failures();
    queue.add(c -> c.allReduceSum(tail));
    await();
    if (tail[0] > 0) {
      buckets.forEach(bucket -> bucket.giveMean((float) tail[0]));
    }
    return new Global(tail[0], tail[1], tail[2]);
  }

  private void divide(double weight) {
    for (Parameter p : parameters) {
      Tensor grad = p.grad();
      if (grad != null && weight != 1) {
        grad.div_(weight);
      }
    }
  }

  /** Ends the thread that communicates. */
  @Override
  public void close() {
    hooks.forEach(Handle::remove);
    queue.close();
  }
}
