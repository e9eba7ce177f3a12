// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.io.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OptimizerStateTest {
  private static final SGD.Options SGD_OPTIONS = SGD.Options.DEFAULT.withLr(.1);
  private static final Adam.Options ADAM = Adam.Options.DEFAULT.withLr(.1);
  private static final RMSprop.Options RMSPROP = RMSprop.Options.DEFAULT.withLr(.1);

  @TempDir private Path dir;

  private interface Make extends Function<List<Tensor>, Optimizer<?>> {}

  private static Arguments of(String keys, Make make) {
    return Arguments.of(keys, make);
  }

  static Stream<Arguments> all() {
    return Stream.of(
        of("", p -> new SGD(p, SGD_OPTIONS)),
        of("momentum_buffer", p -> new SGD(p, SGD_OPTIONS.withMomentum(.9).withDampening(.5))),
        of("step exp_avg exp_avg_sq", p -> new Adam(p, ADAM)),
        of("step exp_avg exp_avg_sq", p -> new AdamW(p, ADAM.withWeightDecay(.1))),
        of("step exp_avg exp_avg_sq max_exp_avg_sq", p -> new Adam(p, ADAM.withAmsgrad(true))),
        of("step square_avg", p -> new RMSprop(p, RMSPROP)),
        of(
            "step square_avg grad_avg momentum_buffer",
            p -> new RMSprop(p, RMSPROP.withCentered(true).withMomentum(.9))),
        of("step sum", p -> new Adagrad(p, Adagrad.Options.DEFAULT.withLrDecay(.1))));
  }

  private static List<Tensor> params() {
    return List.of(
        v(1, -2).to(DType.FLOAT32).requiresGrad_(), v(3).requiresGrad_(), v(4).requiresGrad_());
  }

  /** Steps the first two; the third never has a gradient. */
  private static void step(Optimizer<?> optimizer, List<Tensor> params, int number) {
    params.get(0).setGrad(v(.3 * number, -1).to(DType.FLOAT32));
    params.get(1).setGrad(v(.7 - number));
    optimizer.step();
  }

  @ParameterizedTest
  @MethodSource("all")
  @DisplayName("OPT-7: the state has PyTorch's keys, and none of a parameter never stepped")
  void keys(String keys, Make make) {
    List<Tensor> params = params();
    Optimizer<?> optimizer = make.apply(params);
    assertEquals(Map.of(), optimizer.stateDict().state());
    step(optimizer, params, 1);
    step(optimizer, params, 2);
    OptimizerStateDict saved = optimizer.stateDict();
    assertEquals(keys.isEmpty() ? List.of() : List.of(0, 1), List.copyOf(saved.state().keySet()));
    saved.state().values().forEach(v -> assertEquals(keys, String.join(" ", v.keySet())));
    if (keys.startsWith("step")) {
      assertEquals(2L, saved.state().get(1).get("step"));
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  @DisplayName("SER-5, OPT-8: from its file training continues bit-identically")
  void continues(String keys, Make make) throws IOException {
    List<Tensor> params = params();
    Optimizer<?> optimizer = make.apply(params);
    step(optimizer, params, 1);
    step(optimizer, params, 2);
    Path file = dir.resolve("optimizer.safetensors");
    optimizer.stateDict().write(file);
    List<Tensor> resumed = params.stream().map(p -> p.detach().copy().requiresGrad_()).toList();
    Optimizer<?> other = make.apply(resumed);
    other.paramGroups().get(0).setLr(7); // the file's holds
    other.loadStateDict(OptimizerStateDict.read(file));
    for (int number = 3; number < 6; number++) {
      step(optimizer, params, number);
      step(other, resumed, number);
    }
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(params.get(i).toDoubleArray(), resumed.get(i).toDoubleArray());
    }
    assertEquals(optimizer.paramGroups().get(0).options(), other.paramGroups().get(0).options());
  }

  @Test
  @DisplayName("SER-5: the file's tensors are called state.<index>.<key>")
  void file() throws IOException {
    List<Tensor> params = params();
    Adam adam = new Adam(params, ADAM);
    step(adam, params, 1);
    Path file = dir.resolve("adam.safetensors");
    adam.stateDict().write(file);
    byte[] content = Files.readAllBytes(file);
    assertEquals(
        List.of("state.0.exp_avg", "state.0.exp_avg_sq", "state.1.exp_avg", "state.1.exp_avg_sq"),
        List.copyOf(Safetensors.read(content, "file").keySet()));
    assertEquals(
        Map.of(
            "optimizer",
            "{\"state\":{\"0\":{\"step\":1},\"1\":{\"step\":1}},\"param_groups\":[{\"lr\":0.1,\"betas\":[0.9,0.999],\"eps\":1.0E-8,\"weight_decay\":0.0,\"amsgrad\":false,\"maximize\":false,\"params\":[0,1,2]}]}"),
        Safetensors.readMetadata(content, "file"));
  }

  @Test
  @DisplayName("OPT-7: settings have PyTorch's names, and numbers count over the groups")
  void groups() {
    Tensor a = v(1).requiresGrad_();
    Tensor b = v(2).requiresGrad_();
    SGD sgd =
        new SGD(
            SGD_OPTIONS,
            List.of(ParamGroup.of(List.of(a)), ParamGroup.of(List.of(b), o -> o.withLr(.5))));
    assertEquals(
        "[{\"lr\":0.1,\"momentum\":0.0,\"dampening\":0.0,\"weight_decay\":0.0,\"nesterov\":false,\"maximize\":false,\"params\":[0]}, {\"lr\":0.5,\"momentum\":0.0,\"dampening\":0.0,\"weight_decay\":0.0,\"nesterov\":false,\"maximize\":false,\"params\":[1]}]",
        sgd.stateDict().paramGroups().toString());
    RMSprop rmsprop = new RMSprop(List.of(a), RMSPROP);
    assertEquals(
        "[{\"lr\":0.1,\"alpha\":0.99,\"eps\":1.0E-8,\"weight_decay\":0.0,\"momentum\":0.0,\"centered\":false,\"maximize\":false,\"params\":[0]}]",
        rmsprop.stateDict().paramGroups().toString());
    Adagrad adagrad = new Adagrad(List.of(a), Adagrad.Options.DEFAULT);
    assertEquals(
        "[{\"lr\":0.01,\"lr_decay\":0.0,\"eps\":1.0E-10,\"weight_decay\":0.0,\"initial_accumulator_value\":0.0,\"maximize\":false,\"params\":[0]}]",
        adagrad.stateDict().paramGroups().toString());
  }

  private static OptimizerStateDict saved(Map<Integer, Map<String, Object>> state, int... params) {
    ObjectNode group = JsonNodeFactory.instance.objectNode();
    var numbers = group.putArray("params");
    for (int p : params) {
      numbers.add(p);
    }
    return new OptimizerStateDict(state, List.of(group));
  }

  @Test
  @DisplayName("OPT-8: copies, in the parameter's type; old and PyTorch's own forms are accepted")
  void loading() {
    Tensor x = v(1, -2).to(DType.FLOAT32).requiresGrad_();
    Adam adam = new Adam(List.of(x), ADAM.withAmsgrad(true));
    Tensor first = v(1, 2); // FLOAT64
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("step", v(4)); // a tensor, as in PyTorch
    values.put("exp_avg", first);
    adam.loadStateDict(saved(Map.of(9, values), 9)); // no settings at all, another number
    Map<String, Object> loaded = adam.stateDict().state().get(0);
    assertEquals(4L, loaded.get("step"));
    assertEquals(DType.FLOAT32, ((Tensor) loaded.get("exp_avg")).dtype());
    first.fill_(7);
    values((Tensor) loaded.get("exp_avg"), 1, 2);
    assertEquals(ADAM.withAmsgrad(true), adam.paramGroups().get(0).options());
    values.put("step", 3.0);
    adam.loadStateDict(saved(Map.of(9, values), 9));
    assertEquals(3L, adam.stateDict().state().get(0).get("step"));
  }

  @Test
  @DisplayName("OPT-8: what does not fit is refused, and nothing changes")
  void mismatches() {
    Tensor x = v(1, -2).requiresGrad_();
    Adam adam = new Adam(List.of(x), ADAM);
    x.setGrad(v(1, 1));
    adam.step();
    Map<String, Object> before = adam.stateDict().state().get(0);
    refuses(
        adam,
        "loadStateDict: the state has a different number of parameter groups: expected 1, got 0",
        new OptimizerStateDict(Map.of(), List.of()));
    refuses(
        adam,
        "loadStateDict: group 0 of the state doesn't match the size of the optimizer's group: expected 1 parameters, got 2",
        saved(Map.of(), 0, 1));
    refuses(
        adam,
        "loadStateDict: state.1 belongs to no parameter of param_groups",
        saved(Map.of(1, Map.of()), 0));
    refuses(
        adam,
        "loadStateDict: state.0.exp_avg: expected a tensor of shape [2], got [3]",
        saved(Map.of(0, Map.of("exp_avg", v(1, 2, 3))), 0));
    refuses(
        adam,
        "loadStateDict: state.0.exp_avg: expected a tensor of shape [2], got 1",
        saved(Map.of(0, Map.of("exp_avg", 1)), 0));
    refuses(
        adam,
        "loadStateDict: state.0.step: expected a number or a tensor of one element, got Tensor[2] {1.00000, 2.00000} (FLOAT64)",
        saved(Map.of(0, Map.of("step", v(1, 2))), 0));
    OptimizerStateDict text = saved(Map.of(), 0);
    text.paramGroups().get(0).put("lr", "fast");
    refuses(adam, "loadStateDict: lr: expected a number, got \"fast\"", text);
    text.paramGroups().get(0).put("lr", 1).put("amsgrad", 1);
    refuses(adam, "loadStateDict: amsgrad: expected true or false, got 1", text);
    text.paramGroups().get(0).put("amsgrad", true).put("betas", 1);
    refuses(adam, "loadStateDict: betas: expected two numbers, got 1", text);
    assertEquals(before.keySet(), adam.stateDict().state().get(0).keySet());
    assertEquals(ADAM, adam.paramGroups().get(0).options());
  }

  private static void refuses(Optimizer<?> optimizer, String message, OptimizerStateDict saved) {
    rejects(IllegalArgumentException.class, message, () -> optimizer.loadStateDict(saved));
  }

  @Test
  @DisplayName("SER-5: a file that is something else is refused in one sentence")
  void badFiles() throws IOException {
    refusesFile(
        Map.of("weight", v(1)),
        Map.of(),
        "expected the metadata 'optimizer', got none; is it the file of a model?");
    refusesFile(
        Map.of("weight", v(1)),
        Map.of("optimizer", "{}"),
        "expected tensors called state.<index>.<key>, got 'weight'");
    refusesFile(
        Map.of("state.x.sum", v(1)),
        Map.of("optimizer", "{}"),
        "expected a parameter's number in 'state', got 'state.x.sum'");
    refusesFile(
        Map.of(),
        Map.of("optimizer", "{\"state\":{\"0\":{\"step\":\"two\"}}}"),
        "step: expected a number, got \"two\"");
    refusesFile(
        Map.of(),
        Map.of("optimizer", "{\"param_groups\":[1]}"),
        "param_groups: expected objects, got 1");
    Path file = dir.resolve("bad");
    Safetensors.write(Map.of(), Map.of("optimizer", "{"), file);
    var e = assertThrows(IllegalArgumentException.class, () -> OptimizerStateDict.read(file));
    assertTrue(e.getMessage().startsWith("optimizer: " + file + ": "), e.getMessage());
  }

  private void refusesFile(
      Map<String, Tensor> tensors, Map<String, String> metadata, String message)
      throws IOException {
    Path file = dir.resolve("bad");
    Safetensors.write(tensors, metadata, file);
    rejects(
        IllegalArgumentException.class,
        "optimizer: " + file + ": " + message,
        () -> OptimizerStateDict.read(file));
  }
}
