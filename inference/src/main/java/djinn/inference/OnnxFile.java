package djinn.inference;

import static djinn.inference.ProtocolBuffer.entry;
import static djinn.inference.ProtocolBuffer.text;
import static djinn.inference.ProtocolBuffer.walk;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
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
 * @param pixels whether its input is of bytes
 */
record OnnxFile(Map<String, String> metadata, Set<String> external, boolean probabilities, boolean pixels) {

    /** What Djinn calls the output. */
    private static final String OUTPUT = "output";

    private static final int MODEL_GRAPH = 7;
    private static final int MODEL_METADATA = 14;
    private static final int GRAPH_NODE = 1;
    private static final int GRAPH_INITIALIZER = 5;
    private static final int GRAPH_INPUT = 11;
    private static final int GRAPH_OUTPUT = 12;
    private static final int OUTPUT_NAME = 1;
    private static final int INPUT_TYPE = 2;
    private static final int TYPE_TENSOR = 1;
    private static final int TENSOR_ELEMENTS = 1;
    private static final int UINT8 = 2;
    private static final int NODE_OUTPUT = 2;
    private static final int NODE_OPERATOR = 4;

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
        List<OnnxWeights> weights = new ArrayList<>();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.size() == 0) {
                throw new DataException(
                        file + ": expected an ONNX file, but the file is empty; export or copy it again");
            }
            read = parse(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()), weights);
        } catch (NoSuchFileException e) {
            throw new DataException(file + ": expected an ONNX file, but there is no such file; check the path", e);
        } catch (IOException e) {
            throw new DataException(
                    file + ": expected an ONNX file, but it cannot be read: " + AtomicFile.reason(e), e);
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
        OnnxWeights.requireFinite(weights, file);
        return read;
    }

    private static OnnxFile parse(ByteBuffer model, List<OnnxWeights> weights) {
        Map<String, String> metadata = new LinkedHashMap<>();
        Set<String> external = new LinkedHashSet<>();
        Set<String> ofSoftmax = new LinkedHashSet<>();
        List<String> outputs = new ArrayList<>();
        Set<Long> inputs = new LinkedHashSet<>();
        walk(model, (field, content) -> {
            if (field == MODEL_METADATA) {
                Map.Entry<String, String> entry = entry(content);
                metadata.put(entry.getKey(), entry.getValue());
            } else if (field == MODEL_GRAPH) {
                walk(content, (inGraph, part) -> {
                    if (inGraph == GRAPH_INITIALIZER) {
                        OnnxWeights array = OnnxWeights.of(part);
                        weights.add(array);
                        array.location().ifPresent(external::add);
                    } else if (inGraph == GRAPH_INPUT) {
                        addType(part, inputs);
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
                metadata,
                external,
                inOrder(outputs).stream().limit(1).anyMatch(ofSoftmax::contains),
                inputs.equals(Set.of((long) UINT8)));
    }

    /** The outputs, the one that counts first: that of Djinn's name, or else the first. */
    static List<String> inOrder(Collection<String> outputs) {
        List<String> ordered = new ArrayList<>(outputs);
        if (ordered.remove(OUTPUT)) {
            ordered.add(0, OUTPUT);
        }
        return List.copyOf(ordered);
    }

    private static void addType(ByteBuffer input, Set<Long> types) {
        walk(input, (field, type) -> {
            if (field == INPUT_TYPE) {
                walk(type, (inType, tensor) -> {
                    if (inType == TYPE_TENSOR) {
                        types.add(ProtocolBuffer.number(tensor, TENSOR_ELEMENTS));
                    }
                });
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
}
