package djinn.inference;

import djinn.ops.DataException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What an ONNX file says about itself, read without loading the model: its metadata, and the files its weights are in.
 *
 * <p>Of ONNX's protocol buffer only the fields on the way there are looked at, by their numbers; all others are stepped
 * over.
 *
 * @param metadata as written by the exporter, such as {@code djinn.model}
 * @param external the names of the files beside it that hold weights
 * @param probabilities whether a softmax makes the output that counts
 */
record OnnxFile(Map<String, String> metadata, Set<String> external, boolean probabilities) {

    /** What Djinn calls the output. */
    private static final String OUTPUT = "output";

    private static final int MODEL_GRAPH = 7;
    private static final int MODEL_METADATA = 14;
    private static final int GRAPH_NODE = 1;
    private static final int GRAPH_INITIALIZER = 5;
    private static final int GRAPH_OUTPUT = 12;
    private static final int OUTPUT_NAME = 1;
    private static final int NODE_OUTPUT = 2;
    private static final int NODE_OPERATOR = 4;
    private static final int TENSOR_EXTERNAL = 13;
    private static final int ENTRY_KEY = 1;
    private static final int ENTRY_VALUE = 2;

    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED_32 = 5;

    static boolean isOnnx(Path file) {
        Path name = file.getFileName();
        return name != null && name.toString().toLowerCase(Locale.ROOT).endsWith(".onnx");
    }

    /**
     * Reads a file.
     *
     * @throws DataException if the file is missing, is no ONNX file, or a file it needs is missing
     */
    static OnnxFile read(Path file) {
        OnnxFile read;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.size() == 0) {
                throw new DataException(
                        file + ": expected an ONNX file, but the file is empty; export or copy it again");
            }
            read = parse(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
        } catch (NoSuchFileException e) {
            throw new DataException(file + ": expected an ONNX file, but there is no such file; check the path", e);
        } catch (IOException e) {
            throw new DataException(file + ": expected an ONNX file, but it cannot be read: " + e.getMessage(), e);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new DataException(
                    file + ": is not an ONNX file, or is cut off or damaged; export or copy it again", e);
        }
        for (String name : read.external) {
            Path place = Path.of(name).normalize();
            if (place.isAbsolute() || place.startsWith("..")) {
                throw new DataException(file + ": expected its weights beside it, it names " + name);
            }
            if (!Files.isRegularFile(file.resolveSibling(name))) {
                throw new DataException(file + ": expected its weights in " + file.resolveSibling(name)
                        + ", but there is no such file; copy it beside the ONNX file");
            }
        }
        return read;
    }

    private static OnnxFile parse(ByteBuffer model) {
        Map<String, String> metadata = new LinkedHashMap<>();
        Set<String> external = new LinkedHashSet<>();
        Set<String> ofSoftmax = new LinkedHashSet<>();
        List<String> outputs = new ArrayList<>();
        walk(model, (field, content) -> {
            if (field == MODEL_METADATA) {
                Map.Entry<String, String> entry = entry(content);
                metadata.put(entry.getKey(), entry.getValue());
            } else if (field == MODEL_GRAPH) {
                walk(content, (inGraph, part) -> {
                    if (inGraph == GRAPH_INITIALIZER) {
                        addLocations(part, external);
                    } else if (inGraph == GRAPH_NODE) {
                        addOutputsOfSoftmax(part, ofSoftmax);
                    } else if (inGraph == GRAPH_OUTPUT) {
                        walk(part, (inOutput, name) -> {
                            if (inOutput == OUTPUT_NAME) {
                                outputs.add(text(name));
                            }
                        });
                    }
                });
            }
        });
        return new OnnxFile(
                metadata, external, inOrder(outputs).stream().limit(1).anyMatch(ofSoftmax::contains));
    }

    /** The outputs, the one that counts first: that of Djinn's name, or else the first. */
    static List<String> inOrder(Collection<String> outputs) {
        List<String> ordered = new ArrayList<>(outputs);
        if (ordered.remove(OUTPUT)) {
            ordered.add(0, OUTPUT);
        }
        return List.copyOf(ordered);
    }

    private static void addLocations(ByteBuffer tensor, Set<String> external) {
        walk(tensor, (field, place) -> {
            if (field == TENSOR_EXTERNAL && entry(place).getKey().equals("location")) {
                external.add(entry(place).getValue());
            }
        });
    }

    private static void addOutputsOfSoftmax(ByteBuffer node, Set<String> probabilities) {
        Set<String> operators = new LinkedHashSet<>();
        Set<String> outputs = new LinkedHashSet<>();
        walk(node, (field, content) -> {
            if (field == NODE_OPERATOR) {
                operators.add(text(content));
            } else if (field == NODE_OUTPUT) {
                outputs.add(text(content));
            }
        });
        if (operators.contains("Softmax")) {
            probabilities.addAll(outputs);
        }
    }

    /** Takes a field of a message. */
    private interface Field {
        void take(int number, ByteBuffer content);
    }

    private static Map.Entry<String, String> entry(ByteBuffer message) {
        String[] pair = {"", ""};
        walk(message, (field, content) -> {
            if (field == ENTRY_KEY || field == ENTRY_VALUE) {
                pair[field - ENTRY_KEY] = text(content);
            }
        });
        return Map.entry(pair[0], pair[1]);
    }

    private static String text(ByteBuffer content) {
        return StandardCharsets.UTF_8.decode(content.duplicate()).toString();
    }

    /** Walks the fields of a message, telling of those with a content of bytes. */
    private static void walk(ByteBuffer message, Field field) {
        ByteBuffer rest = message.duplicate();
        while (rest.hasRemaining()) {
            long tag = varint(rest);
            switch ((int) (tag & 7)) {
                case VARINT -> varint(rest);
                case FIXED_64 -> rest.position(rest.position() + Long.BYTES);
                case FIXED_32 -> rest.position(rest.position() + Integer.BYTES);
                case BYTES -> {
                    long length = varint(rest);
                    if (length < 0 || length > rest.remaining()) {
                        throw new BufferUnderflowException();
                    }
                    field.take((int) (tag >>> 3), rest.slice(rest.position(), (int) length));
                    rest.position(rest.position() + (int) length);
                }
                default -> throw new IllegalArgumentException("no field of a protocol buffer");
            }
        }
    }

    private static long varint(ByteBuffer bytes) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = bytes.get();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("no number of a protocol buffer");
    }
}
