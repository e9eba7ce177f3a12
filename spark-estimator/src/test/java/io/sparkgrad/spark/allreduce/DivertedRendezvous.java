// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.apache.spark.BarrierCoordinator;
import org.apache.spark.SparkContext;
import org.apache.spark.rpc.RpcAddress;
import org.apache.spark.rpc.RpcCallContext;
import org.apache.spark.scheduler.TaskSchedulerImpl;
import scala.PartialFunction;
import scala.runtime.BoxedUnit;

/**
 * Spark's coordinator of barriers, on the driver, which tells all ranks another address of rank 0
 * than that gave: so a proxy comes between executors that know nothing of it.
 */
public final class DivertedRendezvous extends BarrierCoordinator {
  private static final long TIMEOUT_SECONDS = 600;

  private final Map<String, String> diverted = new ConcurrentHashMap<>();
  private volatile UnaryOperator<String> diversion = UnaryOperator.identity();

  private DivertedRendezvous(SparkContext context) {
    super(TIMEOUT_SECONDS, context.listenerBus(), context.env().rpcEnv());
  }

  /** Takes the place of Spark's own; before the first barrier stage of the application. */
  public static DivertedRendezvous install(SparkContext context) {
    DivertedRendezvous coordinator = new DivertedRendezvous(context);
    ((TaskSchedulerImpl) context.taskScheduler()).barrierCoordinator_$eq(coordinator);
    context.env().rpcEnv().setupEndpoint("barrierSync", coordinator);
    return coordinator;
  }

  /** Gives from now on for an address, once in each attempt of a stage, the one to tell instead. */
  public void divert(UnaryOperator<String> diversion) {
    this.diversion = diversion;
  }

  @Override
  public PartialFunction<Object, BoxedUnit> receiveAndReply(RpcCallContext context) {
    return super.receiveAndReply(
        new RpcCallContext() {
          @Override
          public void reply(Object response) {
            context.reply(response instanceof String[] all ? told(all) : response);
          }

          @Override
          public void sendFailure(Throwable e) {
            context.sendFailure(e);
          }

          @Override
          public RpcAddress senderAddress() {
            return context.senderAddress();
          }
        });
  }

  private String[] told(String[] addresses) {
    String[] told = addresses.clone();
    told[0] = diverted.computeIfAbsent(addresses[0], address -> diversion.apply(address));
    return told;
  }
}
