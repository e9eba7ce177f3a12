// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import io.sparkgrad.gpu.ptx.DeviceFault;
import io.sparkgrad.gpu.ptx.DeviceMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A driver whose device is the emulator of PTX, and which refuses what the real one may let pass:
 * freed and foreign addresses and handles, copies beyond an allocation. New memory holds NaNs. With
 * {@link Work#LAZY} nothing is done before somebody waits for it, so that a missing synchronisation
 * shows as wrong results.
 *
 * <p>A kernel that faults where hardware would also stop throws a {@link CudaException} whose cause
 * is the {@link DeviceFault}, and so does every call after it; what only a checker finds throws the
 * {@link DeviceFault} itself.
 */
public final class EmulatedCudaDriver implements CudaDriver {
  private static final int OUT_OF_MEMORY = 2;
  private static final int DEINITIALIZED = 4;

  /** When work is done. */
  public enum Work {
    /** As it is enqueued. */
    AT_ONCE,
    /** When somebody waits for it. */
    LAZY
  }

  private record Mark(EmulatedStream stream, long position) {}

  private final DeviceProperties device;
  private final Work work;
  private final long totalBytes;
  private final DeviceMemory memory;
  private final DriverCounts counts = new DriverCounts();
  private final Handles<EmulatedStream> streams = new Handles<>("stream", 0x5000_0000L);
  private final Handles<@Nullable Mark> events = new Handles<>("event", 0x6000_0000L);
  private final EmulatedModules modules = new EmulatedModules();
  private final Handles<KernelLaunch[]> graphs = new Handles<>("graph", 0x9000_0000L);
  private final PinnedMemory pinned = new PinnedMemory();
  private @Nullable CudaException broken;
  private boolean closed;

  /**
   * A device of some size.
   *
   * @param computeCapability 75 or more
   * @param totalBytes the memory of the device
   */
  public EmulatedCudaDriver(
      int computeCapability, long totalBytes, Work work, DeviceMemory.Check... checks) {
    device =
        new DeviceProperties(
            "Emulated GPU",
            computeCapability,
            4,
            64 * 1024,
            DeviceProperties.uuid(new byte[16]),
            12_040);
    this.work = work;
    this.totalBytes = totalBytes;
    memory = new DeviceMemory(checks);
  }

  /** A device of compute capability 8.0 with 2 GiB that works at once. */
  public EmulatedCudaDriver() {
    this(80, 2L << 30, Work.AT_ONCE);
  }

  /** What was called so far. */
  public synchronized DriverCounts.Snapshot counts() {
    return counts.snapshot();
  }

  public synchronized int liveAllocations() {
    return memory.liveAllocations();
  }

  public synchronized long liveBytes() {
    return memory.liveBytes();
  }

  @Override
  public DeviceProperties device() {
    return device;
  }

  @Override
  public synchronized long allocate(long bytes) {
    String call = "cuMemAlloc of " + bytes + " bytes";
    check(call);
    if (bytes <= 0) {
      throw Refusals.invalid(call, "the size must be positive");
    }
    if (bytes > totalBytes - memory.liveBytes()) {
      throw outOfMemory(call);
    }
    counts.allocations++;
    return memory.allocate(bytes);
  }

  private static CudaException outOfMemory(String call) {
    return new CudaException(call, OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory");
  }

  @Override
  public synchronized void free(long address) {
    check("cuMemFree");
    counts.frees++;
    streams.values().forEach(EmulatedStream::drain);
    Refusals.refuse("cuMemFree", () -> memory.free(address));
  }

  @Override
  public synchronized MemoryInfo memory() {
    check("cuMemGetInfo");
    return new MemoryInfo(totalBytes - memory.liveBytes(), totalBytes);
  }

  @Override
  public synchronized ByteBuffer allocatePinned(long bytes) {
    check("cuMemHostAlloc");
    counts.pinnedAllocations++;
    return pinned.allocate(bytes);
  }

  @Override
  public synchronized void freePinned(ByteBuffer buffer) {
    check("cuMemFreeHost");
    streams.values().forEach(EmulatedStream::drain);
    Refusals.refuse("cuMemFreeHost", () -> pinned.free(buffer));
  }

  @Override
  public synchronized long createStream() {
    check("cuStreamCreate");
    return streams.add(new EmulatedStream(work == Work.LAZY));
  }

  @Override
  public synchronized void destroyStream(long stream) {
    check("cuStreamDestroy");
    stream(stream).drain();
    streams.remove(stream);
  }

  @Override
  public synchronized void synchronize(long stream) {
    check("cuStreamSynchronize");
    counts.synchronizations++;
    stream(stream).drain();
  }

  @Override
  public synchronized long createEvent() {
    check("cuEventCreate");
    return events.add(null);
  }

  @Override
  public synchronized void destroyEvent(long event) {
    check("cuEventDestroy");
    mark(event);
    events.remove(event);
  }

  @Override
  public synchronized void record(long event, long stream) {
    check("cuEventRecord");
    mark(event);
    events.replace(event, new Mark(stream(stream), stream(stream).position()));
  }

  @Override
  public synchronized void waitFor(long event, long stream) {
    check("cuStreamWaitEvent");
    Mark mark = mark(event);
    if (mark != null) {
      stream(stream).add(() -> mark.stream.drain(mark.position));
    }
  }

  @Override
  public synchronized void synchronizeEvent(long event) {
    check("cuEventSynchronize");
    counts.synchronizations++;
    Mark mark = mark(event);
    if (mark != null) {
      mark.stream.drain(mark.position);
    }
  }

  /** Lazy work goes on by one piece with each question, so that asking in a loop ends. */
  @Override
  public synchronized boolean isDone(long event) {
    check("cuEventQuery");
    Mark mark = mark(event);
    if (mark == null || mark.stream.isDone(mark.position)) {
      return true;
    }
    mark.stream.step();
    return false;
  }

  @Override
  public synchronized void copyToDevice(ByteBuffer source, long target, long stream) {
    String call = "cuMemcpyHtoD of " + source.remaining() + " bytes";
    check(call);
    Refusals.requireDirect(call, source);
    counts.bytesToDevice += source.remaining();
    ByteBuffer from = pinned.holds(source) ? source.duplicate() : copyOf(source);
    stream(stream).add(() -> Refusals.refuse(call, () -> memory.write(target, from)));
  }

  @Override
  public synchronized void copyToHost(long source, ByteBuffer target, long stream) {
    String call = "cuMemcpyDtoH of " + target.remaining() + " bytes";
    check(call);
    Refusals.requireDirect(call, target);
    counts.bytesToHost += target.remaining();
    ByteBuffer to = target.duplicate();
    stream(stream).add(() -> Refusals.refuse(call, () -> memory.read(source, to)));
    if (!pinned.holds(target)) {
      stream(stream).drain();
    }
  }

  @Override
  public synchronized void copyOnDevice(long source, long target, long bytes, long stream) {
    String call = "cuMemcpyDtoD of " + bytes + " bytes";
    check(call);
    stream(stream).add(() -> Refusals.refuse(call, () -> memory.copy(target, source, bytes)));
  }

  @Override
  public synchronized void fill(long target, byte value, long bytes, long stream) {
    String call = "cuMemsetD8 of " + bytes + " bytes";
    check(call);
    stream(stream).add(() -> Refusals.refuse(call, () -> memory.fill(target, value, bytes)));
  }

  @Override
  public synchronized long loadModule(String name, String ptx) {
    check("cuModuleLoadData of " + name);
    return modules.load(name, ptx);
  }

  @Override
  public synchronized long function(long module, String entry) {
    check("cuModuleGetFunction of " + entry);
    return modules.function(module, entry);
  }

  @Override
  public synchronized void launch(KernelLaunch launch, long stream) {
    check("cuLaunchKernel of " + launch.entry());
    counts.launches++;
    enqueue(launch, stream);
  }

  private void enqueue(KernelLaunch launch, long stream) {
    EmulatedModules.EntryPoint entry = modules.entryPoint(launch);
    counts.kernels.merge(entry.name(), 1, Integer::sum);
    ByteBuffer parameters =
        ByteBuffer.wrap(launch.arguments().toBytes()).order(ByteOrder.LITTLE_ENDIAN);
    stream(stream).add(() -> run(entry, launch, parameters));
  }

  private void run(EmulatedModules.EntryPoint entry, KernelLaunch launch, ByteBuffer parameters) {
    try {
      EmulatedModules.run(entry, launch, parameters, memory);
    } catch (CudaException e) {
      if (e.isFatal()) {
        broken = e;
      }
      throw e;
    }
  }

  @Override
  public synchronized long createGraph(List<KernelLaunch> launches) {
    check("cuGraphCreate");
    launches.forEach(modules::entryPoint);
    if (memory.liveBytes() == totalBytes) {
      throw outOfMemory("cuGraphInstantiate");
    }
    return graphs.add(launches.toArray(new KernelLaunch[0]));
  }

  @Override
  public synchronized void updateGraph(long graph, int index, KernelLaunch launch) {
    check("cuGraphExecKernelNodeSetParams");
    KernelLaunch[] nodes = Refusals.handle(graphs, graph);
    if (index < 0 || index >= nodes.length || nodes[index].function() != launch.function()) {
      throw Refusals.invalid("cuGraphExecKernelNodeSetParams", "the node has another function");
    }
    counts.graphUpdates++;
    nodes[index] = launch;
  }

  @Override
  public synchronized void launchGraph(long graph, long stream) {
    check("cuGraphLaunch");
    counts.graphLaunches++;
    for (KernelLaunch node : Refusals.handle(graphs, graph)) {
      enqueue(node, stream);
    }
  }

  @Override
  public synchronized void destroyGraph(long graph) {
    check("cuGraphExecDestroy");
    Refusals.handle(graphs, graph);
    graphs.remove(graph);
  }

  @Override
  public synchronized void close() {
    closed = true;
  }

  private void check(String call) {
    if (closed) {
      throw new CudaException(
          call, DEINITIALIZED, "CUDA_ERROR_DEINITIALIZED", "the driver was closed");
    }
    if (broken != null) {
      throw broken;
    }
  }

  private EmulatedStream stream(long stream) {
    return Refusals.handle(streams, stream);
  }

  private @Nullable Mark mark(long event) {
    return Refusals.handle(events, event);
  }

  private static ByteBuffer copyOf(ByteBuffer source) {
    return ByteBuffer.allocate(source.remaining()).put(source.duplicate()).flip();
  }
}
