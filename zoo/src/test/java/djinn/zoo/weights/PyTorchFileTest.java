package djinn.zoo.weights;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files built by hand, opcode by opcode, as torch.save writes them. */
class PyTorchFileTest {

    private static final String DICT = "ccollections\nOrderedDict\n)R";
    private static final byte[] SIX = floats(0, 1, 2, 3, 4, 5);

    @TempDir
    private Path folder;

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }

    private static String text(String value) {
        return "X" + (char) value.length() + "\0\0\0" + value;
    }

    private static String small(int value) {
        return "K" + (char) value;
    }

    private static String tuple(int... values) {
        StringBuilder tuple = new StringBuilder("(");
        Arrays.stream(values).forEach(value -> tuple.append(small(value)));
        return tuple + "t";
    }

    /** _rebuild_tensor_v2((storage), offset, shape, strides, requires_grad, hooks). */
    private static String tensor(String type, String key, int elements, int offset, String shape, String strides) {
        return "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + "ctorch\n" + type + "\n" + text(key)
                + text("cpu") + small(elements) + "tQ" + small(offset) + shape + strides + "\u0089" + DICT + "tR";
    }

    private static String floatTensor(int elements, int offset, String shape, String strides) {
        return tensor("FloatStorage", "0", elements, offset, shape, strides);
    }

    private static String stateDict(String name, String tensor) {
        return "\u0080\u0002" + DICT + "(" + text(name) + tensor + "u.";
    }

    private Path zip(String pickle, byte[] storage) throws IOException {
        return zip(pickle, storage, ZipEntry.STORED);
    }

    private Path zip(String pickle, byte[] storage, int method) throws IOException {
        Path file = folder.resolve("weights.pth");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            put(zip, "archive/data.pkl", pickle.getBytes(ISO_8859_1), ZipEntry.STORED);
            put(zip, "archive/data/0", storage, method);
            put(zip, "archive/version", "3\n".getBytes(UTF_8), ZipEntry.STORED);
        }
        return file;
    }

    private static void put(ZipOutputStream zip, String name, byte[] bytes, int method) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(method);
        if (method == ZipEntry.STORED) {
            CRC32 crc = new CRC32();
            crc.update(bytes);
            entry.setSize(bytes.length);
            entry.setCrc(crc.getValue());
        }
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }

    private Map<String, NDArray> read(Path file) {
        return WeightFile.read(file, manager, Preference.EMA).arrays();
    }

    private void expectRefused(Path file, String... parts) {
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll(parts)
                .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1))
                .hasMessageContaining(file.toString());
    }

    @Test
    void aZippedStateDictIsReadInItsOrder() throws IOException {
        String pickle =
                "\u0080\u0002" + DICT + "(" + text("module.b.weight") + floatTensor(6, 0, tuple(2, 3), tuple(3, 1))
                        + text("module.a.bias") + floatTensor(6, 4, tuple(2), tuple(1))
                        + "u" // and the attributes of the dictionary: {"_metadata": OrderedDict()}
                        + "}" + text("_metadata") + DICT + "sb.";
        Map<String, NDArray> arrays = read(zip(pickle, SIX));
        assertThat(arrays.keySet()).containsExactly("module.b.weight", "module.a.bias");
        assertThat(arrays.get("module.b.weight").getShape()).isEqualTo(new Shape(2, 3));
        assertThat(arrays.get("module.b.weight").toFloatArray()).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(arrays.get("module.a.bias").toFloatArray()).containsExactly(4, 5);
    }

    @Test
    void stridesAreFollowed() throws IOException {
        String transposed = stateDict("w", floatTensor(6, 0, tuple(3, 2), tuple(1, 3)));
        assertThat(read(zip(transposed, SIX)).get("w").toFloatArray()).containsExactly(0, 3, 1, 4, 2, 5);
        String scalar = stateDict("w", floatTensor(6, 5, ")", ")"));
        assertThat(read(zip(scalar, SIX)).get("w").getFloat()).isEqualTo(5);
    }

    @Test
    void expandedTensorsRepeatTheirValues() throws IOException {
        String expanded = stateDict("w", floatTensor(6, 4, tuple(2, 4), tuple(1, 0)));
        assertThat(read(zip(expanded, SIX)).get("w").toFloatArray()).containsExactly(4, 4, 4, 4, 5, 5, 5, 5);
    }

    @Test
    void halvesAndWholeNumbersKeepTheirValues() throws IOException {
        byte[] halves = {0, 0x3c, 0, (byte) 0xc0}; // 1 and -2
        String half = stateDict("w", tensor("HalfStorage", "0", 2, 0, tuple(2), tuple(1)));
        assertThat(read(zip(half, halves)).get("w").toFloatArray()).containsExactly(1, -2);
        byte[] count = {7, 0, 0, 0, 0, 0, 0, 0};
        String whole = stateDict("n", tensor("LongStorage", "0", 1, 0, ")", ")"));
        NDArray n = read(zip(whole, count)).get("n");
        assertThat(n.getDataType()).isEqualTo(DataType.INT64);
        assertThat(n.getLong()).isEqualTo(7);
    }

    @Test
    void aStateDictInsideACheckpointIsFound() throws IOException {
        String inner = DICT + "(" + text("w") + floatTensor(6, 0, tuple(6), tuple(1)) + "u";
        String pickle = "\u0080\u0002}(" + text("epoch") + small(9) + text("state_dict") + inner + "u.";
        assertThat(read(zip(pickle, SIX))).containsOnlyKeys("w");
    }

    @Test
    void theOldFormatIsReadToo() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write("\u0080\u0002\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019.".getBytes(ISO_8859_1)); // magic number
        out.write("\u0080\u0002M\u00e9\u0003.".getBytes(ISO_8859_1)); // protocol 1001
        out.write("\u0080\u0002}.".getBytes(ISO_8859_1)); // system
        String storage = "(" + text("storage") + "ctorch\nFloatStorage\n" + text("77") + text("cpu") + small(6) + "NtQ";
        String tensor = "ctorch._utils\n_rebuild_tensor_v2\n(" + storage + small(0) + tuple(2, 3) + tuple(3, 1)
                + "\u0089" + DICT + "tR";
        out.write(stateDict("w", tensor).getBytes(ISO_8859_1));
        out.write(("\u0080\u0002](" + text("77") + "e.").getBytes(ISO_8859_1));
        out.write(new byte[] {6, 0, 0, 0, 0, 0, 0, 0});
        out.write(SIX);
        Path file = Files.write(folder.resolve("old.pth"), out.toByteArray());
        assertThat(read(file).get("w").toFloatArray()).containsExactly(0, 1, 2, 3, 4, 5);

        Path cut = Files.write(folder.resolve("cut.pth"), Arrays.copyOf(out.toByteArray(), out.size() - 5));
        expectRefused(cut, "ends early");
    }

    /** _rebuild_tensor((storage), offset, shape, strides), as PyTorch wrote before 0.4. */
    @Test
    void tensorsWithoutGradientAndHooksAreRead() throws IOException {
        String storage = "(" + text("storage") + "ctorch\nFloatStorage\n" + text("0") + text("cpu") + small(6) + "tQ";
        String tensor = "ctorch._utils\n_rebuild_tensor\n(" + storage + small(2) + tuple(2, 2) + tuple(2, 1) + "tR";
        NDArray w = read(zip(stateDict("w", tensor), SIX)).get("w");
        assertThat(w.getShape()).isEqualTo(new Shape(2, 2));
        assertThat(w.toFloatArray()).containsExactly(2, 3, 4, 5);
    }

    @Test
    void aPickleThatNamesAnythingElseIsRefusedByName() throws IOException {
        String system = "\u0080\u0002cposix\nsystem\n("
                + text("touch " + folder.resolve("hacked").getFileName()) + "tR.";
        expectRefused(zip(system, SIX), "posix.system", "nothing was executed");
        assertThat(folder.resolve("hacked")).doesNotExist();
        String stacked = "\u0080\u0004\u008c\u0002os\u008c\u0006system\u0093.";
        expectRefused(zip(stacked, SIX), "os.system");
        expectRefused(zip("\u0080\u0002cmy.models\nNet\n)R.", SIX), "my.models.Net", "nothing was executed");
        expectRefused(zip("\u0080\u0002c__builtin__\neval\n(" + text("1") + "tR.", SIX), "__builtin__.eval");
        expectRefused(zip("\u0080\u0002ctorch\nFloatStorage\n)R.", SIX), "torch.FloatStorage");
        expectRefused(zip("\u0080\u0002)\u0081.", SIX), "malformed");
        expectRefused(zip("\u0080\u0002\u0097.", SIX), "0x97");
        // beside the weights too
        String beside = "\u0080\u0002" + DICT + "(" + text("w") + floatTensor(6, 0, tuple(6), tuple(1)) + text("extra")
                + "csubprocess\ncall\n)Ru.";
        expectRefused(zip(beside, SIX), "subprocess.call", "nothing was executed");
    }

    @Test
    void aTensorOutsideItsStorageIsRefused() throws IOException {
        expectRefused(zip(stateDict("w", floatTensor(6, 0, tuple(2, 4), tuple(4, 1))), SIX), "outside its storage");
        expectRefused(zip(stateDict("w", floatTensor(6, 5, tuple(2), tuple(1))), SIX), "outside its storage");
        String repeated = floatTensor(6, 0, "(JAAA\u0001JAAA\u0001t", tuple(0, 0));
        expectRefused(zip(stateDict("w", repeated), SIX), "repeat their values");
        expectRefused(zip(stateDict("w", floatTensor(6, 0, tuple(2, 3), tuple(1))), SIX), "strides");
        String negative = stateDict("w", floatTensor(6, 0, "(J\u00ff\u00ff\u00ff\u00fft", tuple(1)));
        expectRefused(zip(negative, SIX), "outside its storage");
        expectRefused(zip(stateDict("w", floatTensor(7, 0, tuple(7), tuple(1))), SIX), "24 bytes, expected 28");
    }

    @Test
    void bombsAndDamagedFilesAreRefused() throws IOException {
        String pickle = stateDict("w", floatTensor(6, 0, tuple(6), tuple(1)));
        expectRefused(zip(pickle, SIX, ZipEntry.DEFLATED), "compressed");
        Path whole = zip(pickle, SIX);
        byte[] bytes = Files.readAllBytes(whole);
        expectRefused(Files.write(folder.resolve("cut.pth"), Arrays.copyOf(bytes, bytes.length / 2)), "damaged");
        expectRefused(zip(pickle.substring(0, pickle.length() - 30), SIX), "ends early");
        expectRefused(zip("\u0080\u0002t.", SIX), "malformed");
        expectRefused(zip("\u0080\u0002h\u0005.", SIX), "malformed");
        expectRefused(zip("\u0080\u0002(K\u0001e.", SIX), "malformed");
        expectRefused(zip("\u0080\u0002(K\u0001K\u0002u.", SIX), "malformed");
        expectRefused(zip("\u0080\u0002)(K\u0001e.", SIX), "malformed");
        String strange = stateDict("a\nb", tensor("QInt8Storage", "0", 24, 0, tuple(24), tuple(1)));
        expectRefused(zip(strange, SIX), "'a?b': expected whole or real numbers, got a QInt8Storage");
        String keyThatHoldsItself = "\u0080\u0002}]q\u0001h\u0001aK\u0001s.";
        expectRefused(zip(keyThatHoldsItself, SIX), "no tensors");
        expectRefused(zip("\u0080\u0002K\u0001.", SIX), "expected a dictionary");
        expectRefused(zip("\u0080\u0002}.", SIX), "no tensors");
        Path empty = folder.resolve("empty.pth");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(empty))) {
            put(zip, "readme", SIX, ZipEntry.STORED);
        }
        expectRefused(empty, "data.pkl");
    }
}
