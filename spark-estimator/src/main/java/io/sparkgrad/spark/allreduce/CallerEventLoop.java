// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Promise;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * An event loop without a thread of its own: who waits for the network runs it meanwhile. Handing a
 * frame from a network thread to the one that waits for it, and back, costs two wake-ups, which is
 * more than the frame's whole way through the kernel.
 *
 * <p>Netty's {@code ManualIoEventLoop} does the same for one thread for good; here one thread at a
 * time drives, between {@link #acquire()} and {@link #release()}.
 */
final class CallerEventLoop extends AbstractScheduledEventExecutor implements IoEventLoop {
  /**
   * The grid, in nanoseconds, that wake-ups lie on: while the next does not change, the timer is
   * not set again.
   */
  private static final long TICK = TimeUnit.MILLISECONDS.toNanos(100);

  private final IoHandler io;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final ReentrantLock driving = new ReentrantLock();
  private final Promise<Void> terminated = new DefaultPromise<>(GlobalEventExecutor.INSTANCE);
  private final Waiting waiting = new Waiting();
  private volatile @Nullable Thread driver;
  private boolean initialised;

  CallerEventLoop(IoHandlerFactory factory) {
    this.io = factory.newHandler(this);
  }

  /** Makes the calling thread the one that this is the event loop of. */
  void acquire() {
    driving.lock();
    driver = Thread.currentThread();
  }

  /** As {@link #acquire()}, unless another thread drives. */
  boolean tryAcquire() {
    if (!driving.tryLock()) {
      return false;
    }
    driver = Thread.currentThread();
    return true;
  }

  void release() {
    if (driving.getHoldCount() == 1) {
      driver = null;
    }
    driving.unlock();
  }

  /** Handles what the network has brought; if there is nothing, waits for up to two ticks. */
  void runOnce() {
    if (!initialised) {
      initialised = true;
      io.initialize();
    }
    io.run(waiting);
    fetchFromScheduledTaskQueue(tasks);
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      safeExecute(task);
    }
  }

  private final class Waiting implements IoHandlerContext {
    @Override
    public boolean canBlock() {
      return tasks.isEmpty();
    }

    @Override
    public long delayNanos(long systemNanoTime) { // deadlines count from another origin
      return Math.max(0, deadlineNanos() - ticker().nanoTime());
    }

    @Override
    public long deadlineNanos() {
      long tick = (ticker().nanoTime() / TICK + 2) * TICK;
      long scheduled = nextScheduledTaskDeadlineNanos();
      return scheduled == -1 ? tick : Math.min(tick, scheduled);
    }
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    if (!inEventLoop()) {
      io.wakeup();
    }
  }

  @Override
  public boolean inEventLoop(Thread thread) {
    return thread == driver;
  }

  @Override
  public IoEventLoop next() {
    return this;
  }

  @Override
  public @Nullable IoEventLoopGroup parent() {
    return null;
  }

  /** Makes this the event loop of a channel that no other is that of. */
  ChannelFuture adopt(Channel channel) {
    ChannelPromise promise = new DefaultChannelPromise(channel, this);
    channel.unsafe().register(this, promise);
    return promise;
  }

  @Override
  @Deprecated
  public ChannelFuture register(Channel channel) {
    return adopt(channel);
  }

  @Override
  @Deprecated
  public ChannelFuture register(ChannelPromise promise) {
    promise.channel().unsafe().register(this, promise);
    return promise;
  }

  @Override
  @Deprecated
  public ChannelFuture register(Channel channel, ChannelPromise promise) {
    channel.unsafe().register(this, promise);
    return promise;
  }

  @Override
  public Future<IoRegistration> register(IoHandle handle) {
    try {
      return newSucceededFuture(io.register(handle));
    } catch (Exception e) {
      return newFailedFuture(e);
    }
  }

  @Override
  public boolean isCompatible(Class<? extends IoHandle> handleType) {
    return io.isCompatible(handleType);
  }

  @Override
  public boolean isIoType(Class<? extends IoHandler> handlerType) {
    return io.getClass() == handlerType;
  }

  /** Closes the channels that are still open; nothing is run afterwards. */
  void end() {
    acquire();
    try {
      if (!terminated.isDone()) {
        io.prepareToDestroy();
        cancelScheduledTasks();
        io.destroy();
        terminated.trySuccess(null);
      }
    } finally {
      release();
    }
  }

  @Override
  @Deprecated
  public void shutdown() {
    end();
  }

  @Override
  public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
    end();
    return terminated;
  }

  @Override
  public Future<?> terminationFuture() {
    return terminated;
  }

  @Override
  public boolean isShuttingDown() {
    return terminated.isDone();
  }

  @Override
  public boolean isShutdown() {
    return terminated.isDone();
  }

  @Override
  public boolean isTerminated() {
    return terminated.isDone();
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return terminated.await(timeout, unit);
  }
}
