package djinn.zoo.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {

    private static final String LONG = "9223372036854775807";

    @TempDir
    private Path directory;

    private final NDManager manager = PyTorch.newManager();

    @AfterEach
    void closeManager() {
        manager.close();
    }

    @Test
    void everyDtypeComesBackBitForBit() {
        Path file = directory.resolve("all.safetensors");
        Map<String, NDArray> tensors = everyDtype();
        Safetensors.write(file, tensors, Map.of());

        try (Safetensors opened = Safetensors.open(file)) {
            assertThat(opened.names()).containsExactlyElementsOf(tensors.keySet());
            Map<String, NDArray> read = opened.readAll(manager);
            assertThat(read.keySet()).containsExactlyElementsOf(tensors.keySet());
            tensors.forEach((name, written) -> {
                assertThat(read.get(name).getShape()).as(name).isEqualTo(written.getShape());
                assertThat(read.get(name).getDataType()).as(name).isEqualTo(written.getDataType());
                assertThat(bytes(read.get(name))).as(name).isEqualTo(bytes(written));
                assertThat(read.get(name).getManager()).as(name).isSameAs(manager);
            });
            assertThat(opened.entry("f32").dtype()).isEqualTo(Dtype.F32);
            assertThat(opened.entry("f32").shape()).containsExactly(2L, 3L);
        }
    }

    @Test
    void scalarsAndEmptyTensorsComeBack() {
        Path file = directory.resolve("edges.safetensors");
        Map<String, NDArray> tensors = new LinkedHashMap<>();
        for (DataType type : List.of(
                DataType.FLOAT64,
                DataType.FLOAT32,
                DataType.INT64,
                DataType.INT32,
                DataType.INT8,
                DataType.UINT8,
                DataType.BOOLEAN)) {
            tensors.put("scalar " + type, manager.ones(new Shape(), type));
            tensors.put("empty " + type, manager.create(new Shape(2, 0, 3), type));
        }
        Safetensors.write(file, tensors, Map.of());

        try (Safetensors opened = Safetensors.open(file)) {
            Map<String, NDArray> read = opened.readAll(manager);
            assertThat(read.keySet()).containsExactlyInAnyOrderElementsOf(tensors.keySet());
            tensors.forEach((name, written) -> {
                assertThat(read.get(name).getShape()).as(name).isEqualTo(written.getShape());
                assertThat(read.get(name).getDataType()).as(name).isEqualTo(written.getDataType());
                assertThat(bytes(read.get(name))).as(name).isEqualTo(bytes(written));
            });
        }
    }

    @Test
    void emptySixteenBitTensorsAndFilesWithoutTensorsComeBack() {
        Path file = directory.resolve("empty.safetensors");
        Safetensors.write(file, Map.of("e", manager.create(new Shape(0))), Map.of(), Dtype.F16);
        try (Safetensors opened = Safetensors.open(file)) {
            assertThat(opened.entry("e")).isEqualTo(new Safetensors.Entry("e", Dtype.F16, List.of(0L), 0, 0));
            assertThat(opened.read(manager, "e").getShape()).isEqualTo(new Shape(0));
        }
        Safetensors.write(file, Map.of(), Map.of());
        try (Safetensors opened = Safetensors.open(file)) {
            assertThat(opened.names()).isEmpty();
            assertThat(opened.metadata()).containsExactly(Map.entry("djinn.crc32c", "00000000"));
            opened.verifyChecksum();
        }
    }

    @Test
    void viewsAreWrittenInRowMajorOrder() {
        Path file = directory.resolve("view.safetensors");
        NDArray transposed = manager.arange(6f).reshape(2, 3).transpose();
        Safetensors.write(file, Map.of("t", transposed, "s", manager.arange(6f).get("2:4")), Map.of());
        try (Safetensors opened = Safetensors.open(file)) {
            assertThat(opened.read(manager, "t").toFloatArray()).containsExactly(0, 3, 1, 4, 2, 5);
            assertThat(opened.read(manager, "s").toFloatArray()).containsExactly(2, 3);
        }
    }

    @Test
    void arraysOutliveTheFileAndAreWritable() throws IOException {
        Path file = directory.resolve("gone.safetensors");
        Safetensors.write(file, Map.of("x", manager.create(new float[] {1, 2})), Map.of());
        NDArray x;
        try (Safetensors opened = Safetensors.open(file)) {
            x = opened.read(manager, "x");
        }
        Files.delete(file);
        x.addi(1);
        assertThat(x.toFloatArray()).containsExactly(2, 3);
    }

    @Test
    void float16ArraysAreStoredAsTheyAreAndReadAsFloat32() throws IOException {
        Path file = directory.resolve("half.safetensors");
        NDArray half = manager.create(new float[] {1, -2, 65504}).toType(DataType.FLOAT16, false);
        Safetensors.write(file, Map.of("h", half), Map.of());
        assertThat(shorts(file)).containsExactly(0x3c00, 0xc000, 0x7bff);
        try (Safetensors opened = Safetensors.open(file)) {
            NDArray read = opened.read(manager, "h");
            assertThat(read.getDataType()).isEqualTo(DataType.FLOAT32);
            assertThat(read.toFloatArray()).containsExactly(1, -2, 65504);
        }
        Safetensors.write(file, Map.of("h", half), Map.of(), Dtype.F32);
        try (Safetensors opened = Safetensors.open(file)) {
            assertThat(opened.entry("h").dtype()).isEqualTo(Dtype.F32);
            assertThat(opened.read(manager, "h").toFloatArray()).containsExactly(1, -2, 65504);
        }
    }

    @Test
    void halfFloatsAreRoundedToTheNearestEven() throws IOException {
        Path file = directory.resolve("half.safetensors");
        float[] values = {
            1f,
            -0f,
            65504f,
            65519.996f,
            1f / 3,
            6e-8f,
            0x1p-25f, // halfway between 0 and the smallest
            0x1.8p-24f, // halfway between 1 and 2 smallest
            0x1.ffcp-15f, // the largest subnormal and a half
            0x1p-14f,
            1f + 0x1p-11f, // halfway, the even neighbour is below
            1f + 0x3p-11f, // halfway, the even neighbour is above
            Float.NaN,
            Float.NEGATIVE_INFINITY
        };
        Safetensors.write(file, Map.of("x", manager.create(values)), Map.of(), Dtype.F16);
        assertThat(shorts(file))
                .containsExactly(
                        0x3c00, 0x8000, 0x7bff, 0x7bff, 0x3555, 0x0001, 0x0000, 0x0002, 0x0400, 0x0400, 0x3c00, 0x3c02,
                        0x7e00, 0xfc00);
        try (Safetensors opened = Safetensors.open(file)) {
            assertThat(opened.read(manager, "x").toFloatArray())
                    .containsExactly(
                            1f,
                            -0f,
                            65504f,
                            65504f,
                            0.33325195f,
                            0x1p-24f,
                            0f,
                            0x1p-23f,
                            0x1p-14f,
                            0x1p-14f,
                            1f,
                            1f + 0x1p-9f,
                            Float.NaN,
                            Float.NEGATIVE_INFINITY);
        }
    }

    @Test
    void aTensorWithValuesTooLargeForTheDtypeStaysInItsOwn() {
        Path file = directory.resolve("large.safetensors");
        Map<String, NDArray> tensors = new LinkedHashMap<>();
        tensors.put("large", manager.create(new float[] {1, 65520, -1e6f, Float.NaN}));
        tensors.put("small", manager.create(new float[] {1, 65519}));
        assertThat(Safetensors.write(file, tensors, Map.of(), Dtype.F16)).containsExactly(Map.entry("large", 2L));
        try (Safetensors opened = Safetensors.open(file)) {
            assertThat(opened.entry("large").dtype()).isEqualTo(Dtype.F32);
            assertThat(opened.entry("small").dtype()).isEqualTo(Dtype.F16);
            assertThat(opened.read(manager, "large").toFloatArray()).containsExactly(1, 65520, -1e6f, Float.NaN);
        }
        tensors.put("double", manager.create(new double[] {-1e300, 1}));
        tensors.put("float", manager.create(new float[] {Float.MAX_VALUE}));
        assertThat(Safetensors.write(file, tensors, Map.of(), Dtype.BF16))
                .containsExactly(Map.entry("double", 1L), Map.entry("float", 1L));
        assertThat(Safetensors.write(file, tensors, Map.of(), Dtype.F32)).containsExactly(Map.entry("double", 1L));
        try (Safetensors opened = Safetensors.open(file)) {
            assertThat(opened.read(manager, "double").toDoubleArray()).containsExactly(-1e300, 1);
        }
    }

    @Test
    void bfloat16IsRoundedToTheNearestEven() throws IOException {
        Path file = directory.resolve("bfloat16.safetensors");
        double[] values = {
            1,
            65504,
            1.0 / 3,
            1 + 0x1p-8, // halfway, the even neighbour is below
            1 + 0x3p-8, // halfway, the even neighbour is above
            -0.0,
            0x1p-133, // the smallest subnormal
            Double.NaN
        };
        Safetensors.write(file, Map.of("x", manager.create(values)), Map.of(), Dtype.BF16);
        assertThat(shorts(file)).containsExactly(0x3f80, 0x4780, 0x3eab, 0x3f80, 0x3f82, 0x8000, 0x0001, 0x7fc0);
        try (Safetensors opened = Safetensors.open(file)) {
            assertThat(opened.read(manager, "x").toFloatArray())
                    .containsExactly(1f, 65536f, 0x1.56p-2f, 1f, 1.015625f, -0f, 0x1p-133f, Float.NaN);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"F16", "BF16"})
    void everySixteenBitPatternSurvivesWideningAndNarrowing(String name) {
        Dtype dtype = Dtype.parse(name);
        for (int bits = 0; bits < 0x10000; bits++) {
            float wide = dtype.widen((short) bits);
            if (Float.isNaN(wide)) {
                assertThat(dtype.widen(dtype.narrow(wide))).isNaN();
            } else if (dtype.narrow(wide) != (short) bits) {
                throw new AssertionError(name + " bits " + Integer.toHexString(bits) + " come back changed");
            }
        }
        // a NaN whose payload lies in the dropped bits only
        assertThat(dtype.widen(dtype.narrow(Float.intBitsToFloat(0x7f800001)))).isNaN();
        assertThat(dtype.widen(dtype.narrow(Float.intBitsToFloat(0x7fffffff)))).isNaN();
    }

    @Test
    void onlyFloatTensorsAreConverted() {
        Path file = directory.resolve("mixed.safetensors");
        Safetensors.write(file, everyDtype(), Map.of(), Dtype.BF16);
        try (Safetensors opened = Safetensors.open(file)) {
            assertThat(opened.names().stream().map(name -> opened.entry(name).dtype()))
                    .containsExactly(
                            Dtype.BF16, Dtype.BF16, Dtype.I64, Dtype.I32, Dtype.I8, Dtype.U8, Dtype.BOOL, Dtype.BF16);
            assertThat(opened.read(manager, "i64").toLongArray()).containsExactly(Long.MIN_VALUE, -1, Long.MAX_VALUE);
        }
        assertThatThrownBy(() -> Safetensors.write(file, Map.of(), Map.of(), Dtype.I8))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("F32, F16 or BF16");
    }

    @Test
    void metadataComeBackSortedWithTheChecksum() {
        Path file = directory.resolve("metadata.safetensors");
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("z", "line\nbreak \"quoted\"");
        metadata.put("a", "größer");
        metadata.put("djinn.crc32c", "stale");
        Safetensors.write(file, Map.of("x", manager.create(1f)), metadata);
        try (Safetensors opened = Safetensors.open(file)) {
            assertThat(opened.metadata().keySet()).containsExactly("a", "djinn.crc32c", "z");
            assertThat(opened.metadata())
                    .containsEntry("a", "größer")
                    .containsEntry("z", "line\nbreak \"quoted\"")
                    // CRC-32C of 00 00 80 3f
                    .containsEntry("djinn.crc32c", "dd54c4ab");
            assertThat(opened.hasChecksum()).isTrue();
            opened.verifyChecksum();
        }
    }

    @Test
    void theSameTensorsGiveTheSameBytesAndTheDataAreAligned() throws IOException {
        Path first = directory.resolve("first.safetensors");
        Path second = directory.resolve("second.safetensors");
        Safetensors.write(first, everyDtype(), Map.of("a", "1", "b", "2", "c", "3"));
        Safetensors.write(second, everyDtype(), Map.of("c", "3", "b", "2", "a", "1"));
        byte[] bytes = Files.readAllBytes(first);
        assertThat(Files.readAllBytes(second)).isEqualTo(bytes);
        long length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        assertThat(length % 8).isZero();
        assertThat(new String(bytes, 8, (int) length, StandardCharsets.UTF_8))
                .startsWith("{\"__metadata__\":{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\",\"djinn.crc32c\":\"")
                .contains("\"f64\":{\"dtype\":\"F64\",\"shape\":[3],\"data_offsets\":[0,24]}")
                .matches("(?s).*\\} *");
        assertThat(children()).containsExactlyInAnyOrder("first.safetensors", "second.safetensors");
    }

    @Test
    void namesFollowTheBytesNotTheHeader() throws IOException {
        Path file = file(
                "{\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]},"
                        + "\"a\":{\"dtype\":\"BOOL\",\"shape\":[],\"data_offsets\":[0,1]}}   ",
                new byte[] {7, 9});
        try (Safetensors opened = Safetensors.open(file)) {
            assertThat(opened.names()).containsExactly("a", "b");
            assertThat(opened.metadata()).isEmpty();
            assertThat(opened.hasChecksum()).isFalse();
            opened.verifyChecksum();
            assertThat(bytes(opened.read(manager, "a"))).containsExactly(1);
            assertThat(bytes(opened.read(manager, "b"))).containsExactly(9);
            fails(() -> opened.read(manager, "c"), "'c'", "2 others", "[a, b]");
        }
    }

    @Test
    void aFlippedBitIsFound() throws IOException {
        Path file = directory.resolve("flipped.safetensors");
        Safetensors.write(file, everyDtype(), Map.of());
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 4;
        Files.write(file, bytes);
        try (Safetensors opened = Safetensors.open(file)) {
            String stored = opened.metadata().get("djinn.crc32c");
            fails(opened::verifyChecksum, "is damaged: checksum ", "expected " + stored, "restore it from a copy");
        }
    }

    @Test
    void filesBeyondTwoGibibytesAreReadByName() throws IOException {
        long big = (1L << 31) + 8;
        String header = "{\"big\":{\"dtype\":\"U8\",\"shape\":[" + big + "],\"data_offsets\":[0," + big + "]},"
                + "\"wide\":{\"dtype\":\"F16\",\"shape\":[536870912],\"data_offsets\":[" + (big + 8) + ","
                + (big + 8 + (1L << 30)) + "]},"
                + "\"small\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[" + big + "," + (big + 8) + "]}}";
        Path file = file(header, new byte[0]);
        long dataStart = Files.size(file);
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(dataStart + big + 8 + (1L << 30));
            sparse.seek(dataStart + big);
            sparse.write(new byte[] {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, (byte) 0xc0});
        }
        try (Safetensors opened = Safetensors.open(file)) {
            assertThat(opened.names()).containsExactly("big", "small", "wide");
            assertThat(opened.read(manager, "small").toFloatArray()).containsExactly(1, -2);
            fails(() -> opened.read(manager, "big"), "'big'", "at most 2147483647 bytes", "2147483656");
            fails(() -> opened.read(manager, "wide"), "'wide'", "at most 2147483647 bytes", "2147483648");
        }
    }

    @Test
    void aFailedWriteLeavesNothingBehind() throws IOException {
        Map<String, NDArray> tensors = Map.of("x", manager.create(1f));
        Path lost = directory.resolve("missing").resolve("best.safetensors");
        fails(
                () -> Safetensors.write(lost, tensors, Map.of()),
                "cannot write " + lost,
                "no such file or directory",
                "nothing was written");
        Path occupied = Files.createDirectory(directory.resolve("best.safetensors"));
        fails(() -> Safetensors.write(occupied, tensors, Map.of()), "cannot write " + occupied, "irectory");
        assertThat(children()).containsExactly("best.safetensors");
        assertThat(occupied).isEmptyDirectory();
    }

    @Test
    void aTensorThatCannotBeStoredLeavesTheOldFile() throws IOException {
        Path file = directory.resolve("old.safetensors");
        Files.writeString(file, "old");
        NDArray closed = manager.create(1f);
        closed.close();
        assertThatThrownBy(() -> Safetensors.write(file, Map.of("x", closed), Map.of()))
                .isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> Safetensors.write(file, Map.of("__metadata__", manager.create(1f)), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("reserved");
        // fails in the middle, with the temporary file open
        Map<String, NDArray> failing = new LinkedHashMap<>(Map.of("x", manager.create(1f))) {
            @Override
            public NDArray get(Object name) {
                throw new IllegalStateException("gone");
            }
        };
        assertThatThrownBy(() -> Safetensors.write(file, failing, Map.of())).isInstanceOf(IllegalStateException.class);
        assertThat(file).hasContent("old");
        assertThat(children()).containsExactly("old.safetensors");
        Safetensors.write(file, Map.of("x", manager.create(1f)), Map.of());
        try (Safetensors opened = Safetensors.open(file)) {
            assertThat(opened.names()).containsExactly("x");
        }
    }

    @Test
    void filesThatAreNoSafetensorsAreRefused() throws IOException {
        Path file = directory.resolve("broken.safetensors");
        fails(() -> Safetensors.open(file), file.toString(), "there is no such file");
        Path subdirectory = Files.createDirectory(directory.resolve("sub"));
        fails(() -> Safetensors.open(subdirectory), subdirectory.toString());
        Files.write(file, new byte[7]);
        fails(() -> Safetensors.open(file), file.toString(), "at least 8 bytes, it has 7");
        Files.write(file, length(-1));
        fails(() -> Safetensors.open(file), "at most 100000000 bytes", "18446744073709551615");
        Files.write(file, length(100_000_001));
        fails(() -> Safetensors.open(file), "at most 100000000 bytes", "100000001");
        Files.write(file, length(3));
        fails(() -> Safetensors.open(file), "truncated: expected a header of 3 bytes, 0 are there");
        Files.write(file, length(0));
        fails(() -> Safetensors.open(file), "starts with '{'");
        byte[] latin = {2, 0, 0, 0, 0, 0, 0, 0, '{', (byte) 0xe4};
        Files.write(file, latin);
        fails(() -> Safetensors.open(file), "UTF-8");
    }

    @ParameterizedTest
    @MethodSource("brokenHeaders")
    void brokenHeadersAreRefused(String header, int data, List<String> telling) throws IOException {
        Path file = file(header, new byte[data]);
        fails(() -> Safetensors.open(file), telling.toArray(new String[0]));
    }

    static Stream<Arguments> brokenHeaders() {
        return Stream.of(
                broken("[]", 0, "starts with '{'", "[]"),
                broken("{\"a\":", 0, "JSON"),
                broken("{} {}", 0, "JSON"),
                broken("{\n!}", 0, "JSON"),
                broken(
                        "{" + tensor("a", "U8", "[1]", "[0,1]") + "," + tensor("a", "U8", "[1]", "[1,2]") + "}",
                        2,
                        "\"a\""),
                broken("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0, "\"k\""),
                broken("{\"a\":3}", 0, "'a'", "expected an object", "got 3"),
                broken("{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1, "'a'", "data_offsets]"),
                broken("{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}", 1, "'a'", "shape"),
                broken("{\"a\":{\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "'a'", "[dtype"),
                broken("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"x\":1}}", 1, "'a'", "\"x\":1"),
                one("F8_E4M3", "[1]", "[0,1]", 1, "'a'", "unknown dtype 'F8_E4M3'", "[F64, F32, F16, BF16, I64"),
                one("U8", "[-1]", "[0,1]", 1, "'a'", "as shape, got [-1]"),
                one("U8", "[1.0]", "[0,1]", 1, "'a'", "as shape, got [1.0]"),
                one("U8", "[\"1\"]", "[0,1]", 1, "'a'", "as shape"),
                one("U8", "[9223372036854775808]", "[0,1]", 1, "'a'", "as shape"),
                one("U8", "1", "[0,1]", 1, "'a'", "as shape, got 1"),
                one("U8", "[4294967296,4294967296]", "[0,1]", 1, "'a'", "more elements"),
                one("F64", "[" + LONG + "]", "[0,1]", 1, "'a'", "more elements"),
                one("U8", "[1]", "[0.5,1]", 1, "'a'", "as data_offsets"),
                one("U8", "[1]", "[-1,0]", 1, "'a'", "as data_offsets"),
                one("U8", "[1]", "[1]", 1, "'a'", "[begin, end]"),
                one("U8", "[1]", "[1,0]", 1, "'a'", "begin <= end, got [1, 0]"),
                one("F32", "[2]", "[0,4]", 4, "'a'", "expected 8 bytes for F32 of shape [2]", "give 4"),
                one("F32", "[4]", "[0,16]", 10, "truncated", "16 bytes", "6 bytes missing"),
                one("U8", "[1]", "[1,2]", 2, "'a'", "begin at byte 0, it begins at 1", "hole"),
                one("U8", "[1]", "[0,1]", 4, "3 bytes follow"),
                broken(
                        "{" + tensor("a", "U8", "[4]", "[0,4]") + "," + tensor("b", "U8", "[4]", "[2,6]") + "}",
                        6,
                        "'a' and 'b' overlap"),
                broken("{}", 1, "1 bytes follow"),
                broken("{\"__metadata__\":[]}", 0, "__metadata__, got []"),
                broken("{\"__metadata__\":{\"epoch\":3}}", 0, "expected strings", "'epoch' is 3"),
                broken("{\"line\\nbreak\\u2028\":3}", 0, "'line break '"));
    }

    private static Arguments broken(String header, int data, String... telling) {
        return arguments(header, data, List.of(telling));
    }

    private static Arguments one(String dtype, String shape, String offsets, int data, String... telling) {
        return broken("{" + tensor("a", dtype, shape, offsets) + "}", data, telling);
    }

    private static String tensor(String name, String dtype, String shape, String offsets) {
        return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets
                + "}";
    }

    private static void fails(ThrowingCallable call, String... telling) {
        assertThatThrownBy(call)
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll(telling)
                .message()
                .doesNotContainPattern("[\\p{Cntrl}\\u2028\\u2029]");
    }

    private Map<String, NDArray> everyDtype() {
        Map<String, NDArray> tensors = new LinkedHashMap<>();
        tensors.put("f64", manager.create(new double[] {Math.PI, Double.MIN_VALUE, Double.NaN}));
        tensors.put("f32", manager.create(new float[] {1, -0f, Float.MIN_VALUE, 3, Float.NaN, 1e38f}, new Shape(2, 3)));
        tensors.put("i64", manager.create(new long[] {Long.MIN_VALUE, -1, Long.MAX_VALUE}));
        tensors.put("i32", manager.create(new int[] {Integer.MIN_VALUE, 7}, new Shape(1, 2, 1)));
        tensors.put("i8", manager.create(new byte[] {-128, 127, 0}));
        tensors.put("u8", manager.create(new int[] {0, 255, 128}).toType(DataType.UINT8, false));
        tensors.put("bool", manager.create(new boolean[] {true, false, true}));
        // behind an odd number of bytes
        tensors.put("last", manager.create(new float[] {0.1f, 0.2f}));
        return tensors;
    }

    private Path file(String header, byte[] data) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json).put(data);
        return Files.write(directory.resolve("made.safetensors"), bytes.array());
    }

    private static byte[] length(long length) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .array();
    }

    private static byte[] bytes(NDArray array) {
        ByteBuffer buffer = array.toByteBuffer();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    /** The data of a file as unsigned 16-bit numbers. */
    private static int[] shorts(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        bytes.position(8 + Math.toIntExact(bytes.getLong(0)));
        int[] shorts = new int[bytes.remaining() / 2];
        for (int i = 0; i < shorts.length; i++) {
            shorts[i] = Short.toUnsignedInt(bytes.getShort());
        }
        return shorts;
    }

    private List<String> children() throws IOException {
        try (Stream<Path> children = Files.list(directory)) {
            return children.map(child -> child.getFileName().toString()).toList();
        }
    }
}
