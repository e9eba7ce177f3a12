# SPDX-License-Identifier: Apache-2.0
"""PyTorch as a candidate of bench-gpu: python3 gpu_peer.py fp32|tf32|bf16.

Reads the commands of CandidateMain from its standard input and answers each with a line. Eager; images are channels
last. The weights and the batch come in a safetensors file with the command check.
"""
import json
import math
import struct
import sys
import time

TYPES = {"F32": ("float32", 4), "F64": ("float64", 8), "I64": ("int64", 8)}
REPEATS = 10
STEADY_SLICES, GAIN, LEAST_STEPS, PATIENCE, SLICE = 3, 0.02, 20, 10, 0.25


def read(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = bytearray(file.read())
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        dtype = getattr(torch, TYPES[entry["dtype"]][0])
        if begin == end:
            tensors[name] = torch.empty(entry["shape"], dtype=dtype)
        else:
            count = (end - begin) // TYPES[entry["dtype"]][1]
            tensors[name] = torch.frombuffer(data, dtype=dtype, count=count, offset=begin).reshape(entry["shape"]).clone()
    return tensors


def write(tensors, path):
    header, at = {}, 0
    for name, tensor in tensors.items():
        size = 4 * tensor.numel()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            file.write(tensor.detach().float().cpu().contiguous().numpy().tobytes())


def named(*modules):
    sequence = nn.Sequential()
    for name, module in modules:
        sequence.add_module(name, module)
    return sequence


def simple_cnn():
    return named(
        ("conv1", nn.Conv2d(3, 16, 3, padding=1)), ("relu1", nn.ReLU()),
        ("conv2", nn.Conv2d(16, 32, 3, padding=1)), ("relu2", nn.ReLU()),
        ("flatten", nn.Flatten()), ("fc", nn.Linear(32 * 32 * 32, 10)))


def mlp():
    return named(
        ("fc1", nn.Linear(784, 256)), ("relu1", nn.ReLU()), ("fc2", nn.Linear(256, 128)), ("relu2", nn.ReLU()),
        ("fc3", nn.Linear(128, 10)))


def resnet18():
    class Block(nn.Module):
        def __init__(self, channels, planes, stride):
            super().__init__()
            self.conv1 = nn.Conv2d(channels, planes, 3, stride, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(planes)
            self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
            self.bn2 = nn.BatchNorm2d(planes)
            self.relu = nn.ReLU(inplace=True)
            self.downsample = None
            if stride != 1 or channels != planes:
                self.downsample = nn.Sequential(
                    nn.Conv2d(channels, planes, 1, stride, bias=False), nn.BatchNorm2d(planes))

        def forward(self, x):
            y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
            return self.relu(y + (x if self.downsample is None else self.downsample(x)))

    net = [("conv1", nn.Conv2d(3, 64, 7, 2, 3, bias=False)), ("bn1", nn.BatchNorm2d(64)),
           ("relu", nn.ReLU(inplace=True)), ("maxpool", nn.MaxPool2d(3, 2, 1))]
    channels = 64
    for i in range(4):
        planes = 64 << i
        net.append(("layer%d" % (i + 1), nn.Sequential(
            Block(channels, planes, 2 if i else 1), Block(planes, planes, 1))))
        channels = planes
    return named(*net, ("avgpool", nn.AdaptiveAvgPool2d(1)), ("flatten", nn.Flatten()), ("fc", nn.Linear(512, 10)))


def network(name):
    kind = name.split("-")[0]
    if kind == "gemm":
        size = int(name.split("-")[1])
        return nn.Linear(size, size, bias=False)
    if kind == "conv":
        kernel, channels, planes, side = name.split("-")[1:]
        width = int(kernel.split("x")[0])
        stride = 2 if width != 3 else 1
        return nn.Conv2d(int(channels), int(planes), width, stride, width // 2)
    if kind == "encoder":
        return nn.TransformerEncoderLayer(128, 4, dropout=0.0, batch_first=True)
    return {"cnn": simple_cnn, "mlp": mlp, "resnet18": resnet18}[kind]()


class Trial:
    def __init__(self, name, numbers):
        self.trains = "-train-" in name
        self.repeats = REPEATS if name.startswith(("gemm", "conv")) else 0
        self.numbers = dict(numbers)
        batch = self.numbers.pop("input")
        target = self.numbers.pop("target", None)
        layout = torch.channels_last if batch.dim() == 4 else torch.contiguous_format
        self.model = network(name)
        self.model.load_state_dict(self.numbers)
        self.model.to("cuda", memory_format=layout).train(self.trains)
        self.batch = batch.to("cuda", memory_format=layout)
        self.target = None if target is None else target.to("cuda")
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=1e-3)

    def forward(self):
        with torch.autocast("cuda", dtype=torch.bfloat16, enabled=precision == "bf16"):
            return self.model(self.batch)

    def loss(self, output):
        if self.target.dtype == torch.int64:
            return F.cross_entropy(output.float(), self.target)
        return F.mse_loss(output.float(), self.target)

    def step(self):
        if self.trains:
            self.optimizer.zero_grad(set_to_none=True)
            loss = self.loss(self.forward())
            loss.backward()
            self.optimizer.step()
            return loss.item()
        with torch.no_grad():
            for _ in range(self.repeats):
                output = self.forward()
            return output.flatten()[0].item() if self.repeats else self.forward().cpu()

    def results(self):
        if not self.trains:
            with torch.no_grad():
                return {"output": self.forward()}
        output = self.forward()
        self.loss(output).backward()
        results = {"output": output}
        for name, parameter in self.model.named_parameters():
            results["grad." + name] = parameter.grad
        return results


def measure(step, seconds):
    """As Stopwatch does it: steps shorter than 0.2 ms are timed in blocks."""
    times, block = [], 1
    now = time.perf_counter_ns()
    end = now + int(seconds * 1e9)
    last = 0
    while True:
        for _ in range(block):
            step()
        before, now = now, time.perf_counter_ns()
        last = (now - before) // block
        if now - before >= 200_000:
            times.append(last)
        else:
            block *= 2
        if now >= end:
            return times or [last]


def warm(step, seconds):
    """As WarmUp does it."""
    start, best, steady, steps = time.perf_counter(), math.inf, 0, 0
    while True:
        elapsed = time.perf_counter() - start
        if elapsed >= seconds and (elapsed >= PATIENCE * seconds or (steady >= STEADY_SLICES and steps >= LEAST_STEPS)):
            return steps
        times = measure(step, SLICE)
        steady = 0 if min(times) < (1 - GAIN) * best else steady + 1
        best = min(best, *times)
        steps += len(times)


def main():
    trials = {}
    numbers = {}
    for line in sys.stdin:
        command, *words = line.rstrip("\n").split(" ", 2)
        try:
            if command == "start":
                text = "PyTorch %s on %s, eager, %s" % (torch.__version__, torch.cuda.get_device_name(0), precision)
                answer = "@done " + text
            elif command == "check":
                numbers[words[0]] = read(words[1])
                write(Trial(words[0], numbers[words[0]]).results(), words[1])
                answer = "@done checked"
            else:
                if words[0] not in trials:
                    trials[words[0]] = Trial(words[0], numbers[words[0]])
                seconds = float(words[1])
                step = trials[words[0]].step
                if command == "warm":
                    answer = "@done warmed up in %d steps" % warm(step, seconds)
                else:
                    answer = "@times " + " ".join(str(t) for t in measure(step, seconds))
        except Exception as e:  # whatever it is, the benchmark says it and goes on
            answer = "@failed " + " ".join(("%s: %s" % (type(e).__name__, e)).split())
        print(answer, flush=True)


precision = sys.argv[1]
try:
    import torch
    import torch.nn as nn
    import torch.nn.functional as F
except ImportError as missing:
    torch = None
    reason = "this Python has no torch (%s)" % missing
else:
    reason = "" if torch.cuda.is_available() else "torch finds no GPU"
if reason:
    for _ in sys.stdin:
        print("@unsupported " + reason, flush=True)
else:
    torch.backends.cudnn.benchmark = True
    torch.backends.cuda.matmul.allow_tf32 = precision != "fp32"
    torch.backends.cudnn.allow_tf32 = precision != "fp32"
    main()
