package djinn.zoo;

import djinn.ops.Nearest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The table of models. */
public final class Models {

    private static final Map<String, ModelEntry> TABLE = table(Stream.of(
                    Nin.entries(),
                    NinSmall.entries(),
                    AlexNet.entries(),
                    Vgg.entries(),
                    GoogLeNet.entries(),
                    BnInception.entries(),
                    InceptionV3.entries(),
                    InceptionV4.entries(),
                    InceptionResNetV1.entries(),
                    InceptionResNetV2.entries(),
                    DeepFace.entries(),
                    SqueezeNet.entries(),
                    MobileNetV1.entries(),
                    MobileNetV2.entries(),
                    MobileNetV3.entries(),
                    ShuffleNetV1.entries(),
                    ShuffleNetV2.entries(),
                    ResNet.entries(),
                    CifarResNet.entries(),
                    DenseNet.entries(),
                    EfficientNet.entries(),
                    ConvNeXt.entries(),
                    MnasNet.entries(),
                    RegNet.entries(),
                    Xception.entries(),
                    GhostNet.entries(),
                    RepVgg.entries(),
                    VisionTransformer.entries(),
                    SwinTransformer.entries(),
                    Fcn.entries(),
                    FcnVgg.entries(),
                    DeepLabV3.entries(),
                    MobileDeepLab.entries(),
                    Lraspp.entries(),
                    UNet.entries(),
                    BackboneFcn.entries(),
                    BackboneUNet.entries(),
                    SemanticFpn.entries())
            .flatMap(List::stream));

    /** Those that joined, behind the table's. */
    private static final Map<String, ModelEntry> JOINED = new LinkedHashMap<>();

    private Models() {}

    /**
     * Adds models; {@code djinn.tasks.Extension} is the door by which they come.
     *
     * @param entries models of a project of its own
     * @throws IllegalArgumentException if there is one of a name already
     */
    public static void join(List<ModelEntry> entries) {
        synchronized (JOINED) {
            for (ModelEntry entry : entries) {
                if (TABLE.containsKey(entry.name()) || JOINED.putIfAbsent(entry.name(), entry) != null) {
                    throw new IllegalArgumentException(
                            "expected another name for the model '" + entry.name() + "': there is one already");
                }
            }
        }
    }

    private static Map<String, ModelEntry> entries() {
        Map<String, ModelEntry> entries = new LinkedHashMap<>(TABLE);
        synchronized (JOINED) {
            entries.putAll(JOINED);
        }
        return entries;
    }

    /** Returns all entries, in the table's order. */
    public static List<ModelEntry> all() {
        return List.copyOf(entries().values());
    }

    /** Returns all names, in the table's order. */
    public static List<String> names() {
        return List.copyOf(entries().keySet());
    }

    /**
     * Finds a model.
     *
     * @param name its name
     * @return its entry
     * @throws IllegalArgumentException if there is none of that name; the message has the nearest
     */
    public static ModelEntry named(String name) {
        Map<String, ModelEntry> entries = entries();
        ModelEntry entry = entries.get(name);
        if (entry == null) {
            throw new IllegalArgumentException("unknown model '" + name + "', "
                    + Nearest.suggestion(name, entries.keySet(), "expected one of ", "'djinn models' lists them"));
        }
        return entry;
    }

    static Map<String, ModelEntry> table(Stream<ModelEntry> entries) {
        Map<String, ModelEntry> table = new LinkedHashMap<>();
        entries.forEach(entry -> {
            if (table.put(entry.name(), entry) != null) {
                throw new IllegalStateException("the model name '" + entry.name() + "' is used twice");
            }
        });
        return table;
    }
}
