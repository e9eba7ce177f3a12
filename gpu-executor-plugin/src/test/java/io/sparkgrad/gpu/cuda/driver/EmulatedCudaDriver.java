// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import io.sparkgrad.gpu.ptx.DeviceFault;
import io.sparkgrad.gpu.ptx.DeviceMemory;
import io.sparkgrad.gpu.ptx.PtxModule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  private static final int INVALID_VALUE = 1;
  private static final int OUT_OF_MEMORY = 2;
  private static final int DEINITIALIZED = 4;
  private static final int INVALID_PTX = 218;
  private static final int INVALID_HANDLE = 400;
  private static final int NOT_FOUND = 500;

  /** When work is done. */
  public enum Work {
    /** As it is enqueued. */
    AT_ONCE,
    /** When somebody waits for it. */
    LAZY
  }

  private record EntryPoint(PtxModule module, String name) {}

  private record Mark(EmulatedStream stream, long position) {}

  private final DeviceProperties device;
  private final Work work;
  private final long totalBytes;
  private final DeviceMemory memory;
  private final DriverCounts counts = new DriverCounts();
  private final Handles<EmulatedStream> streams = new Handles<>("stream", 0x5000_0000L);
  private final Handles<@Nullable Mark> events = new Handles<>("event", 0x6000_0000L);
  private final Handles<PtxModule> modules = new Handles<>("module", 0x7000_0000L);
  private final Handles<EntryPoint> functions = new Handles<>("function", 0x8000_0000L);
  private final Handles<KernelLaunch[]> graphs = new Handles<>("graph", 0x9000_0000L);
  private final PinnedMemory pinned = new PinnedMemory();
  private final Map<EntryPoint, Long> known = new HashMap<>();
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
      throw invalid(call, "the size must be positive");
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
    refuse("cuMemFree", () -> memory.free(address));
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
    refuse("cuMemFreeHost", () -> pinned.free(buffer));
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
    requireDirect(call, source);
    counts.bytesToDevice += source.remaining();
    ByteBuffer from = pinned.holds(source) ? source.duplicate() : copyOf(source);
    stream(stream).add(() -> refuse(call, () -> memory.write(target, from)));
  }

  @Override
  public synchronized void copyToHost(long source, ByteBuffer target, long stream) {
    String call = "cuMemcpyDtoH of " + target.remaining() + " bytes";
    check(call);
    requireDirect(call, target);
    counts.bytesToHost += target.remaining();
    ByteBuffer to = target.duplicate();
    stream(stream).add(() -> refuse(call, () -> memory.read(source, to)));
    if (!pinned.holds(target)) {
      stream(stream).drain();
    }
  }

  @Override
  public synchronized void copyOnDevice(long source, long target, long bytes, long stream) {
    String call = "cuMemcpyDtoD of " + bytes + " bytes";
    check(call);
    stream(stream).add(() -> refuse(call, () -> memory.copy(target, source, bytes)));
  }

  @Override
  public synchronized void fill(long target, byte value, long bytes, long stream) {
    String call = "cuMemsetD8 of " + bytes + " bytes";
    check(call);
    stream(stream).add(() -> refuse(call, () -> memory.fill(target, value, bytes)));
  }

  @Override
  public synchronized long loadModule(String name, String ptx) {
    String call = "cuModuleLoadData of " + name;
    check(call);
    try {
      return modules.add(ParsedModules.of(ptx));
    } catch (RuntimeException e) {
      throw caused(
          new CudaException(call, INVALID_PTX, "CUDA_ERROR_INVALID_PTX", e.getMessage()), e);
    }
  }

  @Override
  public synchronized long function(long module, String entry) {
    String call = "cuModuleGetFunction of " + entry;
    check(call);
    PtxModule of = handle(modules, module);
    if (!of.entries().contains(entry)) {
      throw new CudaException(call, NOT_FOUND, "CUDA_ERROR_NOT_FOUND", "the module lacks it");
    }
    return known.computeIfAbsent(new EntryPoint(of, entry), functions::add);
  }

  @Override
  public synchronized void launch(KernelLaunch launch, long stream) {
    check("cuLaunchKernel of " + launch.entry());
    counts.launches++;
    enqueue(launch, stream);
  }

  private void enqueue(KernelLaunch launch, long stream) {
    EntryPoint entry = entryPoint(launch);
    counts.kernels.merge(entry.name, 1, Integer::sum);
    ByteBuffer parameters =
        ByteBuffer.wrap(launch.arguments().toBytes()).order(ByteOrder.LITTLE_ENDIAN);
    stream(stream).add(() -> run(entry, launch, parameters));
  }

  private void run(EntryPoint entry, KernelLaunch launch, ByteBuffer parameters) {
    String call = "cuLaunchKernel of " + launch.entry();
    try {
      refuse(
          call,
          () ->
              entry.module.launch(
                  entry.name,
                  launch.grid(),
                  launch.block(),
                  launch.sharedBytes(),
                  parameters,
                  memory));
    } catch (DeviceFault fault) {
      switch (fault.kind()) {
        case MEMCHECK -> broken = fatal(call, 700, "CUDA_ERROR_ILLEGAL_ADDRESS", fault);
        case TRAP -> broken = fatal(call, 719, "CUDA_ERROR_LAUNCH_FAILED", fault);
        default -> throw fault;
      }
      throw broken;
    }
  }

  private static CudaException fatal(String call, int status, String name, DeviceFault fault) {
    return caused(new CudaException(call, status, name, fault.getMessage()), fault);
  }

  private static CudaException caused(CudaException e, Exception cause) {
    e.initCause(cause);
    return e;
  }

  @Override
  public synchronized long createGraph(List<KernelLaunch> launches) {
    check("cuGraphCreate");
    launches.forEach(this::entryPoint);
    if (memory.liveBytes() == totalBytes) {
      throw outOfMemory("cuGraphInstantiate");
    }
    return graphs.add(launches.toArray(new KernelLaunch[0]));
  }

  @Override
  public synchronized void updateGraph(long graph, int index, KernelLaunch launch) {
    check("cuGraphExecKernelNodeSetParams");
    KernelLaunch[] nodes = handle(graphs, graph);
    if (index < 0 || index >= nodes.length || nodes[index].function() != launch.function()) {
      throw invalid("cuGraphExecKernelNodeSetParams", "the node has another function");
    }
    counts.graphUpdates++;
    nodes[index] = launch;
  }

  @Override
  public synchronized void launchGraph(long graph, long stream) {
    check("cuGraphLaunch");
    counts.graphLaunches++;
    for (KernelLaunch node : handle(graphs, graph)) {
      enqueue(node, stream);
    }
  }

  @Override
  public synchronized void destroyGraph(long graph) {
    check("cuGraphExecDestroy");
    handle(graphs, graph);
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
    return handle(streams, stream);
  }

  private @Nullable Mark mark(long event) {
    return handle(events, event);
  }

  private EntryPoint entryPoint(KernelLaunch launch) {
    return handle(functions, launch.function());
  }

  private static <T extends @Nullable Object> T handle(Handles<T> handles, long handle) {
    try {
      return handles.get(handle);
    } catch (IllegalArgumentException e) {
      throw caused(
          new CudaException("a call", INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE", e.getMessage()),
          e);
    }
  }

  /** Turns what the device's memory refuses into the driver's error. */
  private static void refuse(String call, Runnable action) {
    try {
      action.run();
    } catch (IllegalArgumentException e) {
      throw caused(invalid(call, e.getMessage()), e);
    }
  }

  private static CudaException invalid(String call, String text) {
    return new CudaException(call, INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE", text);
  }

  private static void requireDirect(String call, ByteBuffer buffer) {
    if (!buffer.isDirect()) {
      throw invalid(call, "expected a direct buffer, got one on the heap");
    }
  }

  private static ByteBuffer copyOf(ByteBuffer source) {
    return ByteBuffer.allocate(source.remaining()).put(source.duplicate()).flip();
  }
}
