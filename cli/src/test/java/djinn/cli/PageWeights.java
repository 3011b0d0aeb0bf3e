package djinn.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.Models;
import djinn.zoo.detection.Detectors;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.Dtype;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Files of weights as others publish them, of untrained models. */
final class PageWeights {

    private PageWeights() {}

    /** Writes untrained weights of a model, as their publishers have them in safetensors. */
    static void write(String model, Path file, Dtype dtype) {
        try (NDManager manager = PyTorch.newManager()) {
            Safetensors.write(file, untrained(model, manager), Map.of(), dtype);
        }
    }

    private static Map<String, NDArray> untrained(String model, NDManager manager) {
        Randomness.seed(1);
        NamedBlock block = Detectors.names().contains(model)
                ? Detectors.named(model).build()
                : Models.named(model).build();
        block.initialize(manager);
        return StateDict.of(block);
    }

    /** Writes an image as an array. */
    static void arrays(Path file) {
        try (NDManager manager = PyTorch.newManager()) {
            Safetensors.write(file, Map.of("photo", manager.randomNormal(new Shape(1, 3, 64, 64))), Map.of());
        }
    }

    /** Untrained weights as torch.save writes them: a zip of a pickle, and of the numbers of each array. */
    static void pth(String model, Path file) throws IOException {
        try (NDManager manager = PyTorch.newManager();
                ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            String ordered = "ccollections\nOrderedDict\n)R";
            StringBuilder pickle = new StringBuilder("\u0080\u0002" + ordered + "(");
            int number = 0;
            for (Map.Entry<String, NDArray> entry : untrained(model, manager).entrySet()) {
                NDArray array = entry.getValue();
                boolean isFloat = array.getDataType().isFloating();
                Shape shape = array.getShape();
                StringBuilder extents = new StringBuilder("(");
                StringBuilder strides = new StringBuilder("(");
                for (int axis = 0; axis < shape.dimension(); axis++) {
                    extents.append(whole(shape.get(axis)));
                    strides.append(whole(shape.slice(axis + 1).size()));
                }
                pickle.append(text(entry.getKey()))
                        .append("ctorch._utils\n_rebuild_tensor_v2\n((")
                        .append(text("storage"))
                        .append(isFloat ? "ctorch\nFloatStorage\n" : "ctorch\nLongStorage\n")
                        .append(text(Integer.toString(number)))
                        .append(text("cpu"))
                        .append(whole(shape.size()))
                        .append("tQ")
                        .append(whole(0))
                        .append(extents.append("t"))
                        .append(strides.append("t"))
                        .append("\u0089" + ordered + "tR");
                ByteBuffer values = array.toByteBuffer();
                byte[] bytes = new byte[values.remaining()];
                values.get(bytes);
                put(zip, "archive/data/" + number, bytes);
                number++;
            }
            put(zip, "archive/data.pkl", pickle.append("u.").toString().getBytes(ISO_8859_1));
            put(zip, "archive/version", "3\n".getBytes(UTF_8));
        }
    }

    private static String text(String value) {
        return "X" + bytes(value.length()) + value;
    }

    private static String whole(long value) {
        return "J" + bytes((int) value);
    }

    /** Four bytes, the lowest first. */
    private static String bytes(int value) {
        byte[] bytes = ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
        return new String(bytes, ISO_8859_1);
    }

    private static void put(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        CRC32 crc = new CRC32();
        crc.update(bytes);
        entry.setSize(bytes.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }
}
