// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import static jcuda.driver.JCudaDriver.cuGraphAddKernelNode;
import static jcuda.driver.JCudaDriver.cuGraphCreate;
import static jcuda.driver.JCudaDriver.cuGraphDestroy;
import static jcuda.driver.JCudaDriver.cuGraphExecDestroy;
import static jcuda.driver.JCudaDriver.cuGraphExecKernelNodeSetParams;
import static jcuda.driver.JCudaDriver.cuGraphInstantiate;
import static jcuda.driver.JCudaDriver.cuGraphLaunch;

import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUDA_KERNEL_NODE_PARAMS;
import jcuda.driver.CUfunction;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUgraphNode;
import jcuda.driver.CUstream;

/** Chains of kernels that start as one. */
final class JCudaGraphs {
  private final JCudaModules modules;
  private final LaunchParameters parameters;
  private final NativeHandles<Chain> chains = new NativeHandles<>("graph");

  JCudaGraphs(JCudaModules modules, LaunchParameters parameters) {
    this.modules = modules;
    this.parameters = parameters;
  }

  private static final class Chain {
    final CUgraph graph = new CUgraph();
    final CUgraphExec executable = new CUgraphExec();
    final List<CUgraphNode> nodes = new ArrayList<>();
  }

  long create(List<KernelLaunch> launches) {
    Chain chain = new Chain();
    CudaStatus.check(cuGraphCreate(chain.graph, 0), "cuGraphCreate");
    try {
      add(launches, chain);
      CudaStatus.check(
          cuGraphInstantiate(chain.executable, chain.graph, 0),
          "cuGraphInstantiate of %d kernels".formatted(launches.size()));
    } catch (CudaException e) {
      cuGraphDestroy(chain.graph);
      throw e;
    }
    return chains.add(chain);
  }

  private void add(List<KernelLaunch> launches, Chain chain) {
    CUgraphNode[] before = {};
    for (KernelLaunch launch : launches) {
      CUgraphNode node = new CUgraphNode();
      CUfunction function = modules.ready(launch);
      synchronized (parameters) {
        CudaStatus.check(
            cuGraphAddKernelNode(node, chain.graph, before, before.length, node(launch, function)),
            "cuGraphAddKernelNode",
            launch);
      }
      chain.nodes.add(node);
      before = new CUgraphNode[] {node};
    }
  }

  void update(long graph, int index, KernelLaunch launch) {
    Chain chain = chains.get(graph);
    CUfunction function = modules.ready(launch);
    synchronized (parameters) {
      CudaStatus.check(
          cuGraphExecKernelNodeSetParams(
              chain.executable, chain.nodes.get(index), node(launch, function)),
          "cuGraphExecKernelNodeSetParams",
          launch);
    }
  }

  void launch(long graph, CUstream stream) {
    Chain chain = chains.get(graph);
    CudaStatus.check(cuGraphLaunch(chain.executable, stream), "cuGraphLaunch");
  }

  void destroy(long graph) {
    destroy(chains.remove(graph));
  }

  void destroyAll() {
    chains.clear(JCudaGraphs::destroy);
  }

  private static void destroy(Chain chain) {
    CudaStatus.check(cuGraphExecDestroy(chain.executable), "cuGraphExecDestroy");
    CudaStatus.check(cuGraphDestroy(chain.graph), "cuGraphDestroy");
  }

  private CUDA_KERNEL_NODE_PARAMS node(KernelLaunch launch, CUfunction function) {
    CUDA_KERNEL_NODE_PARAMS node = new CUDA_KERNEL_NODE_PARAMS();
    node.func = function;
    node.gridDimX = launch.grid().x();
    node.gridDimY = launch.grid().y();
    node.gridDimZ = launch.grid().z();
    node.blockDimX = launch.block().x();
    node.blockDimY = launch.block().y();
    node.blockDimZ = launch.block().z();
    node.sharedMemBytes = launch.sharedBytes();
    node.extra = parameters.write(launch);
    return node;
  }
}
