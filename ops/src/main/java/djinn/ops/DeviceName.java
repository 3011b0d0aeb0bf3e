package djinn.ops;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a user calls the place where arrays lie and operations run: {@code cpu}; {@code cuda:1}, a GPU of NVIDIA by its
 * number; {@code cuda}, the first of them; {@code mps}, Apple's; or {@code auto}, which leaves it open.
 *
 * @param text the name
 */
public record DeviceName(String text) {

    /** The system property that says what {@code auto} is in this process. */
    public static final String PROPERTY = "djinn.device";

    /** Whatever the calling thread was told, or the process, or else the first GPU of NVIDIA, or the processor. */
    public static final DeviceName AUTO = new DeviceName("auto");

    /** The processor. */
    public static final DeviceName CPU = new DeviceName("cpu");

    private static final String CUDA = "cuda";
    private static final String MPS = "mps";

    /**
     * Checks the form; whether there is such a device, {@link #device} says.
     *
     * @throws IllegalArgumentException if it is no such name
     */
    public DeviceName {
        if (!text.matches("auto|cpu|mps|cuda(:\\d{1,3})?")) {
            throw new IllegalArgumentException(
                    "expected a device as auto, cpu, cuda, cuda:N or mps, got '" + text + "'");
        }
    }

    /**
     * Returns what the process was told.
     *
     * @return empty if it was told nothing, or {@code auto}
     * @throws IllegalArgumentException if the property is no name of a device
     */
    public static Optional<DeviceName> asked() {
        return Optional.ofNullable(System.getProperty(PROPERTY))
                .map(DeviceName::new)
                .filter(name -> !name.equals(AUTO));
    }

    /**
     * Returns the device of this name.
     *
     * @throws IllegalArgumentException if there is none on this machine, or the engine cannot use it; the message has
     *     those there are
     */
    public Device device() {
        if (equals(AUTO)) {
            return PyTorch.device();
        }
        Device named = named();
        if (!isHere(named)) {
            throw new IllegalArgumentException("expected one of " + words(all()) + ", got " + text + ": " + reason());
        }
        return named;
    }

    /**
     * Returns the devices that share a batch.
     *
     * @param several their number, the first being this one; or their names, separated by commas
     * @return at least one, no GPU twice; the processor as often as it is asked for
     * @throws IllegalArgumentException if one is not there or named twice, they are not of one kind, or it is neither a
     *     number of at least 1 nor names
     */
    public List<Device> devices(String several) {
        requireSeveral(several);
        List<Device> devices = new ArrayList<>();
        if (several.matches("\\d+")) {
            Device first = device();
            int count = Integer.parseInt(several);
            if (count > 1 && isCpu(first) && equals(AUTO) && asked().isEmpty()) {
                throw new IllegalArgumentException(
                        "expected " + count + " GPUs, got a machine with none that this PyTorch"
                                + " can use; the device cpu makes so many copies on the processor, which is for tests");
            }
            for (int i = 0; i < count; i++) {
                devices.add(next(first, i).device());
            }
        } else {
            Stream.of(several.split(",")).forEach(name -> devices.add(new DeviceName(name.strip()).device()));
        }
        boolean gpus = devices.get(0).isGpu();
        boolean twice =
                devices.size() > 1 && !isCpu(devices.get(0)) && new LinkedHashSet<>(devices).size() < devices.size();
        if (twice || devices.stream().anyMatch(other -> other.isGpu() != gpus)) {
            throw new IllegalArgumentException("expected devices of one kind, no GPU twice, got " + words(devices));
        }
        return List.copyOf(devices);
    }

    /**
     * Checks the form of what {@link #devices} takes.
     *
     * @throws IllegalArgumentException if it is neither a number from 1 to 999 nor names of devices
     */
    public static void requireSeveral(String several) {
        if (several.matches("[1-9]\\d{0,2}")) {
            return;
        }
        if (several.matches("-?\\d+(\\.\\d*)?")) {
            throw new IllegalArgumentException("expected a number of devices from 1 to 999, got " + several);
        }
        Stream.of(several.split(",", -1)).forEach(name -> {
            if (new DeviceName(name.strip()).equals(AUTO)) {
                throw new IllegalArgumentException("expected devices by their names, such as cuda:0, got " + several);
            }
        });
    }

    /** Returns all devices there are that the engine can use, the processor first. */
    public static List<Device> all() {
        List<Device> all = new ArrayList<>(List.of(Device.cpu()));
        IntStream.range(0, PyTorch.engine().getGpuCount()).mapToObj(Device::gpu).forEach(all::add);
        Device apple = Device.of(MPS, 0);
        if (isHere(apple)) {
            all.add(apple);
        }
        return List.copyOf(all);
    }

    /** Returns what a user calls a device. */
    public static String of(Device device) {
        if (device.isGpu()) {
            return CUDA + ":" + device.getDeviceId();
        }
        return device.getDeviceType();
    }

    /** Returns what a user calls devices, separated by commas. */
    public static String words(List<Device> devices) {
        return devices.stream().map(DeviceName::of).collect(Collectors.joining(", "));
    }

    /** Returns whether a device is the processor. */
    public static boolean isCpu(Device device) {
        return device.getDeviceType().equals(Device.cpu().getDeviceType());
    }

    /** What {@code auto} is where nobody was told: mps is taken by its name alone, as nobody has seen all of it work. */
    static Device best() {
        return PyTorch.engine().getGpuCount() > 0 ? Device.gpu(0) : Device.cpu();
    }

    private Device named() {
        if (text.startsWith(CUDA)) {
            return Device.gpu(text.equals(CUDA) ? 0 : Integer.parseInt(text.substring(CUDA.length() + 1)));
        }
        return text.equals(MPS) ? Device.of(MPS, 0) : Device.cpu();
    }

    private static DeviceName next(Device first, int places) {
        return new DeviceName(first.isGpu() ? CUDA + ":" + (first.getDeviceId() + places) : of(first));
    }

    private static boolean isHere(Device device) {
        if (device.isGpu()) {
            return device.getDeviceId() < PyTorch.engine().getGpuCount();
        }
        return isCpu(device) || (isApple() && adds(device));
    }

    private static boolean isApple() {
        return System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac")
                && System.getProperty("os.arch").equals("aarch64");
    }

    /** Whether the engine was built for a device and finds it. */
    private static boolean adds(Device device) {
        try (NDManager manager = PyTorch.newManager(device);
                NDArray ones = manager.ones(new Shape(2));
                NDArray sum = ones.add(ones)) {
            return sum.toFloatArray()[1] == 2;
        } catch (EngineException | UnsupportedOperationException e) {
            return false;
        }
    }

    private String reason() {
        if (text.equals(MPS)) {
            return "mps is a Mac's with a processor of Apple";
        }
        int gpus = PyTorch.engine().getGpuCount();
        if (gpus > 0) {
            return gpus == 1 ? "there is one GPU here" : "there are " + gpus + " GPUs here";
        }
        return PyTorch.engine().hasCapability("CUDA")
                ? "this PyTorch finds no GPU of NVIDIA; is its driver installed?"
                : "this PyTorch was built for the CPU alone; build with -Pgpu";
    }
}
