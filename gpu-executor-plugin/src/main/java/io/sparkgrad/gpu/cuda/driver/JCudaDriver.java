// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import static jcuda.driver.JCudaDriver.cuCtxSynchronize;
import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventDestroy;
import static jcuda.driver.JCudaDriver.cuEventQuery;
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemAllocHost;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemGetInfo;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemsetD8Async;
import static jcuda.driver.JCudaDriver.cuStreamCreate;
import static jcuda.driver.JCudaDriver.cuStreamDestroy;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;
import static jcuda.driver.JCudaDriver.cuStreamWaitEvent;

import io.sparkgrad.backend.BackendException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import jcuda.Pointer;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUfunction;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;

/**
 * The driver of a real device, through JCuda. Loading this class links JCuda's native library,
 * which needs an installed NVIDIA driver: {@link LinkageError} without.
 */
public final class JCudaDriver implements CudaDriver {
  private static final System.Logger LOG = System.getLogger(JCudaDriver.class.getName());

  private final PrimaryContext context;
  private final LaunchParameters parameters;
  private final JCudaModules modules = new JCudaModules();
  private final JCudaGraphs graphs;
  private final NativeHandles<CUstream> streams = new NativeHandles<>("stream");
  private final NativeHandles<CUevent> events = new NativeHandles<>("event");
  private final List<JCublas> libraries = new CopyOnWriteArrayList<>();
  private final LiveMemory live = new LiveMemory();
  private final Map<ByteBuffer, RawPointers.Host> pinned =
      Collections.synchronizedMap(new IdentityHashMap<>());

  private JCudaDriver(PrimaryContext context) {
    this.context = context;
    context.enter();
    parameters = new LaunchParameters();
    graphs = new JCudaGraphs(modules, parameters);
  }

  /**
   * Opens the device and makes or joins its primary context. Links all of JCuda's native libraries
   * that this driver will use, so that whoever cares where they are unpacked has this to care for.
   *
   * @param ordinal as CUDA counts
   */
  public static JCudaDriver open(int ordinal) {
    jcuda.driver.JCudaDriver.setExceptionsEnabled(false); // its exceptions carry no status
    CublasLibrary.unavailableReason();
    return new JCudaDriver(new PrimaryContext(ordinal));
  }

  @Override
  public DeviceProperties device() {
    return context.properties();
  }

  @Override
  public long allocate(long bytes) {
    context.enter();
    RawPointers.Device pointer = new RawPointers.Device();
    CudaStatus.check(cuMemAlloc(pointer, bytes), "cuMemAlloc", bytes);
    live.add(pointer.address(), bytes);
    return pointer.address();
  }

  @Override
  public void free(long address) {
    context.enter();
    long bytes = live.remove(address);
    CudaStatus.check(cuMemFree(new RawPointers.Device(address)), "cuMemFree", bytes);
  }

  @Override
  public MemoryInfo memory() {
    context.enter();
    long[] free = {0};
    long[] total = {0};
    CudaStatus.check(cuMemGetInfo(free, total), "cuMemGetInfo");
    return new MemoryInfo(free[0], total[0]);
  }

  @Override
  public ByteBuffer allocatePinned(long bytes) {
    context.enter();
    RawPointers.Host pointer = new RawPointers.Host();
    CudaStatus.check(cuMemAllocHost(pointer, bytes), "cuMemAllocHost", bytes);
    ByteBuffer memory = pointer.getByteBuffer(0, bytes).order(ByteOrder.nativeOrder());
    pinned.put(memory, pointer);
    return memory;
  }

  @Override
  public void freePinned(ByteBuffer memory) {
    context.enter();
    RawPointers.Host pointer = pinned.remove(memory);
    if (pointer == null) {
      throw new BackendException(
          "CUDA: free of host memory that allocatePinned of this driver did not return, or not any more.");
    }
    CudaStatus.check(cuMemFreeHost(pointer), "cuMemFreeHost", memory.capacity());
  }

  @Override
  public long createStream() {
    context.enter();
    CUstream stream = new CUstream();
    CudaStatus.check(
        cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING), "cuStreamCreate");
    return streams.add(stream);
  }

  @Override
  public void destroyStream(long stream) {
    context.enter();
    CudaStatus.check(cuStreamDestroy(streams.remove(stream)), "cuStreamDestroy");
  }

  @Override
  public void synchronize(long stream) {
    context.enter();
    CudaStatus.check(cuStreamSynchronize(streams.get(stream)), "cuStreamSynchronize");
  }

  @Override
  public long createEvent() {
    context.enter();
    CUevent event = new CUevent();
    CudaStatus.check(cuEventCreate(event, CUevent_flags.CU_EVENT_DISABLE_TIMING), "cuEventCreate");
    return events.add(event);
  }

  @Override
  public void destroyEvent(long event) {
    context.enter();
    CudaStatus.check(cuEventDestroy(events.remove(event)), "cuEventDestroy");
  }

  @Override
  public void record(long event, long stream) {
    context.enter();
    CudaStatus.check(cuEventRecord(events.get(event), streams.get(stream)), "cuEventRecord");
  }

  @Override
  public void waitFor(long event, long stream) {
    context.enter();
    CudaStatus.check(
        cuStreamWaitEvent(streams.get(stream), events.get(event), 0), "cuStreamWaitEvent");
  }

  @Override
  public void synchronizeEvent(long event) {
    context.enter();
    CudaStatus.check(cuEventSynchronize(events.get(event)), "cuEventSynchronize");
  }

  @Override
  public boolean isDone(long event) {
    context.enter();
    int status = cuEventQuery(events.get(event));
    if (status == CUresult.CUDA_ERROR_NOT_READY) {
      return false;
    }
    CudaStatus.check(status, "cuEventQuery");
    return true;
  }

  @Override
  public void copyToDevice(ByteBuffer source, long target, long stream) {
    context.enter();
    int bytes = source.remaining();
    live.check("cuMemcpyHtoDAsync", target, bytes);
    CudaStatus.check(
        cuMemcpyHtoDAsync(
            new RawPointers.Device(target), remaining(source), bytes, streams.get(stream)),
        "cuMemcpyHtoDAsync",
        bytes);
  }

  @Override
  public void copyToHost(long source, ByteBuffer target, long stream) {
    context.enter();
    int bytes = target.remaining();
    live.check("cuMemcpyDtoHAsync", source, bytes);
    CudaStatus.check(
        cuMemcpyDtoHAsync(
            remaining(target), new RawPointers.Device(source), bytes, streams.get(stream)),
        "cuMemcpyDtoHAsync",
        bytes);
  }

  private static Pointer remaining(ByteBuffer direct) {
    return Pointer.to(direct).withByteOffset(direct.position());
  }

  @Override
  public void copyOnDevice(long source, long target, long bytes, long stream) {
    context.enter();
    live.check("cuMemcpyDtoDAsync", source, bytes);
    live.check("cuMemcpyDtoDAsync", target, bytes);
    CudaStatus.check(
        cuMemcpyDtoDAsync(
            new RawPointers.Device(target),
            new RawPointers.Device(source),
            bytes,
            streams.get(stream)),
        "cuMemcpyDtoDAsync",
        bytes);
  }

  @Override
  public void fill(long target, byte value, long bytes, long stream) {
    context.enter();
    live.check("cuMemsetD8Async", target, bytes);
    CudaStatus.check(
        cuMemsetD8Async(new RawPointers.Device(target), value, bytes, streams.get(stream)),
        "cuMemsetD8Async",
        bytes);
  }

  @Override
  public long loadModule(String name, String ptx) {
    context.enter();
    return modules.load(name, ptx);
  }

  @Override
  public long function(long module, String entry) {
    context.enter();
    return modules.function(module, entry);
  }

  @Override
  public void launch(KernelLaunch launch, long stream) {
    context.enter();
    live.check(launch);
    CUfunction function = modules.ready(launch);
    CUstream target = streams.get(stream);
    KernelLaunch.Dim3 grid = launch.grid();
    KernelLaunch.Dim3 block = launch.block();
    int status;
    synchronized (parameters) {
      status =
          cuLaunchKernel(
              function,
              grid.x(),
              grid.y(),
              grid.z(),
              block.x(),
              block.y(),
              block.z(),
              launch.sharedBytes(),
              target,
              null,
              parameters.write(launch));
    }
    CudaStatus.check(status, "cuLaunchKernel", launch);
  }

  @Override
  public long createGraph(List<KernelLaunch> launches) {
    context.enter();
    launches.forEach(live::check);
    return graphs.create(launches);
  }

  @Override
  public void updateGraph(long graph, int index, KernelLaunch launch) {
    context.enter();
    live.check(launch);
    graphs.update(graph, index, launch);
  }

  @Override
  public void launchGraph(long graph, long stream) {
    context.enter();
    graphs.launch(graph, streams.get(stream));
  }

  @Override
  public void destroyGraph(long graph) {
    context.enter();
    graphs.destroy(graph);
  }

  @Override
  public Optional<Cublas> openCublas(long stream) {
    context.enter();
    Optional<String> reason = CublasLibrary.unavailableReason();
    if (reason.isPresent()) {
      return withoutCublas(reason.get());
    }
    long workspace = 0;
    try {
      workspace = allocate(JCublas.WORKSPACE);
      JCublas cublas = new JCublas(context, live, streams.get(stream), workspace);
      libraries.add(cublas);
      LOG.log(
          System.Logger.Level.INFO,
          "{0}: large matrix products by cuBLAS {1}",
          device().name(),
          cublas.version());
      return Optional.of(cublas);
    } catch (CudaException e) {
      if (workspace != 0) {
        free(workspace);
      }
      return withoutCublas(String.valueOf(e.getMessage()));
    }
  }

  private Optional<Cublas> withoutCublas(String reason) {
    LOG.log(
        System.Logger.Level.INFO,
        "{0}: matrix products by own kernels, without cuBLAS: {1}",
        device().name(),
        reason);
    return Optional.empty();
  }

  @Override
  public void close() {
    context.enter();
    CudaStatus.check(cuCtxSynchronize(), "cuCtxSynchronize");
    graphs.destroyAll();
    libraries.forEach(JCublas::destroy);
    modules.unload();
    events.clear(event -> CudaStatus.check(cuEventDestroy(event), "cuEventDestroy"));
    streams.clear(stream -> CudaStatus.check(cuStreamDestroy(stream), "cuStreamDestroy"));
    live.forEach(this::free);
    List.copyOf(pinned.keySet()).forEach(this::freePinned);
    parameters.free();
    context.release();
  }
}
