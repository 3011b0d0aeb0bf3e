package djinn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import djinn.data.Dataset;
import djinn.data.Digits;
import djinn.zoo.weights.Dtype;
import djinn.zoo.weights.ImageNet;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** What a reader of the pages has: Djinn's recipes, and, in small, the files that the pages name. */
final class PageWorld {

    private static final int IMAGES = 8;
    private static final int EDGE = 96;

    private interface Maker {
        void make(Path file) throws IOException;
    }

    /** What is made where a page names it. */
    private static final Map<String, Maker> FILES = new LinkedHashMap<>();

    static {
        FILES.put("photos", PageWorld::photos);
        FILES.put("cells/data.yaml", PageWorld::yolo);
        FILES.put("cells.yaml", PageWorld::cells);
        FILES.put("unet_nuclei", file -> nuclei(file.resolveSibling("data/nuclei")));
        FILES.put("mask_rcnn_nuclei", file -> nuclei(file.resolveSibling("data/nuclei")));
        for (String name : List.of(
                "photo.jpg",
                "photo.png",
                "cells.jpg",
                "horse.jpg",
                "digit.png",
                "cells.png",
                "slide.png",
                "zebra.jpg",
                "bar.png")) {
            FILES.put(name, file -> picture(file, 96, 72, 1));
        }
        FILES.put("my.txt", file -> Files.copy(Pages.ROOT.resolve("LICENSE"), file));
        FILES.put("my/pairs", PageWorld::pairs);
        FILES.put("my_recipe.yaml", file -> Files.copy(recipe("nin_digits"), file));
        FILES.put("mine.jar", file -> jar("examples/standalone/extend", file));
        FILES.put("mine.yaml", file -> Files.copy(Pages.ROOT.resolve("examples/standalone/extend/extend.yaml"), file));
        FILES.put(
                "examples/regression/target/djinn-example-regression-0.1.0-SNAPSHOT.jar",
                file -> jar("examples/regression", file));
        FILES.put(
                "examples/regression/configs/regression_tiny.yaml",
                file -> Files.copy(Pages.ROOT.resolve("examples/regression/configs/regression_tiny.yaml"), file));
        FILES.put("imagenet.txt", file -> Files.write(file, ImageNet.classes()));
        FILES.put("squeezenet1_1-b8a52dc0.pth", file -> PageWeights.pth("squeezenet1_1", file));
        FILES.put("mobilenet_v2.safetensors", file -> PageWeights.write("mobilenet_v2", file, Dtype.F32));
        FILES.put("FastestDet.safetensors", file -> PageWeights.write("fastestdet", file, Dtype.F32));
        FILES.put("retinanet.safetensors", file -> PageWeights.write("retinanet_resnet50_fpn", file, Dtype.F32));
        FILES.put(
                "deeplabv3_mnv2_dm05-f16.safetensors",
                file -> PageWeights.write("deeplabv3_mobilenet_v2", file, Dtype.F16));
        FILES.put("in.safetensors", PageWeights::arrays);
        FILES.put("ssdlite.pt", file -> PageWeights.pth("ssdlite320_mobilenet_v3_large", file));
        FILES.put("cli/target/lib", PageWorld::libraries);
        FILES.put(
                "docs/benchmarks",
                file -> Files.createSymbolicLink(
                        file, Pages.ROOT.toAbsolutePath().resolve("docs/benchmarks")));
    }

    private PageWorld() {}

    /** Returns what is made where it is named. */
    static Set<String> names() {
        return FILES.keySet();
    }

    /** Makes what a script names. */
    static void make(Path folder, String script) throws IOException {
        Files.createDirectory(folder.resolve("configs"));
        try (Stream<Path> recipes = Files.list(Pages.ROOT.resolve("configs"))) {
            for (Path recipe : recipes.toList()) {
                Files.copy(recipe, folder.resolve("configs").resolve(recipe.getFileName()));
            }
        }
        for (Map.Entry<String, Maker> file : FILES.entrySet()) {
            if (script.contains(file.getKey())) {
                Path path = folder.resolve(file.getKey());
                Files.createDirectories(path.getParent());
                file.getValue().make(path);
            }
        }
    }

    private static Path recipe(String name) {
        return Pages.ROOT.resolve("configs").resolve(name + ".yaml");
    }

    /** The built folder of jars: one alone, which names all that this test has. */
    private static void libraries(Path folder) throws IOException {
        Files.createDirectories(folder);
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes()
                .put(
                        Attributes.Name.CLASS_PATH,
                        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                                .map(entry -> Path.of(entry).toUri().toString())
                                .collect(Collectors.joining(" ")));
        new JarOutputStream(Files.newOutputStream(folder.resolve("all.jar")), manifest).close();
    }

    /** Digits of two classes, a folder for each. */
    private static void photos(Path folder) throws IOException {
        Dataset digits = Digits.splits().train();
        List<String> names = List.of("zero", "one");
        int[] written = new int[names.size()];
        for (int i = 0; written[0] < 6 || written[1] < 6; i++) {
            int digit = digits.label(i);
            if (digit < names.size() && written[digit] < 6) {
                written[digit]++;
                Path file = folder.resolve(names.get(digit)).resolve(i + ".png");
                Files.createDirectories(file.getParent());
                write(digits.image(i, 1).toBufferedImage(), "png", file);
            }
        }
    }

    /** A painted picture of some discs. */
    static byte[] picture(String format, int width, int height, long seed) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.LIGHT_GRAY);
        graphics.fillRect(0, 0, width, height);
        for (int[] disc : discs(width, height, seed)) {
            graphics.setColor(new Color(disc[0] * 2 % 256, disc[1] * 3 % 256, disc[2] * 9 % 256));
            graphics.fillOval(disc[0], disc[1], disc[2], disc[3]);
        }
        graphics.dispose();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, format, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** The box of each disc: x, y, width and height. */
    private static List<int[]> discs(int width, int height, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return IntStream.range(0, 4)
                .mapToObj(i -> {
                    int w = random.nextInt(12, 24);
                    int h = random.nextInt(12, 24);
                    return new int[] {random.nextInt(width - w), random.nextInt(height - h), w, h};
                })
                .toList();
    }

    private static void picture(Path file, int width, int height, long seed) throws IOException {
        String name = file.getFileName().toString();
        Files.createDirectories(file.getParent());
        Files.write(file, picture(name.substring(name.lastIndexOf('.') + 1), width, height, seed));
    }

    private static void write(BufferedImage image, String format, Path file) throws IOException {
        if (!ImageIO.write(image, format, file.toFile())) {
            throw new IOException(file + ": cannot be written as " + format);
        }
    }

    /** Cells in photos, labelled as YOLO has it. */
    private static void yolo(Path yaml) throws IOException {
        Files.writeString(yaml, "train: images/train\nval: images/val\nnames: [cell]\n");
        for (String part : List.of("train", "val")) {
            picture(yaml.resolveSibling("images/" + part + "/a.png"), 64, 64, part.length());
            Path labels = Files.createDirectories(yaml.resolveSibling("labels/" + part));
            Files.writeString(labels.resolve("a.txt"), "0 0.5 0.5 0.25 0.25\n");
        }
    }

    /** A recipe of one's own for the blood cells, and these cells. */
    private static void cells(Path recipe) throws IOException {
        Files.writeString(recipe, Files.readString(recipe("bccd_fcos")).replace("size: 416", "size: 96"));
        PageWeights.write("mobilenet_v2", recipe.resolveSibling("mobilenet_v2.safetensors"), Dtype.F32);
        Path folder = Files.createDirectories(recipe.resolveSibling("data/bccd"));
        for (String part : List.of("train", "val", "test")) {
            coco(
                    folder.resolve("coco-" + part + ".json"),
                    folder.resolve("JPEGImages"),
                    part + "-",
                    "jpg",
                    "RBC",
                    "WBC");
        }
    }

    /** Nuclei, with masks and as COCO has them. */
    private static void nuclei(Path given) throws IOException {
        Path folder = Files.createDirectories(given.normalize());
        for (String part : List.of("train", "val", "test")) {
            Path list = folder.resolve("coco-" + part + ".json");
            Path images = folder.resolve(part).resolve("images");
            coco(list, images, "", "png", "nucleus");
            Path masks = Files.createDirectories(folder.resolve(part).resolve("masks"));
            for (int i = 0; i < IMAGES; i++) {
                BufferedImage mask = new BufferedImage(EDGE, EDGE, BufferedImage.TYPE_BYTE_GRAY);
                Graphics2D graphics = mask.createGraphics();
                discs(EDGE, EDGE, seed(list, i)).forEach(disc -> graphics.fillOval(disc[0], disc[1], disc[2], disc[3]));
                graphics.dispose();
                write(mask, "png", masks.resolve(i + ".png"));
            }
        }
    }

    /** What decides a picture of a list. */
    private static long seed(Path list, int image) {
        return list.getFileName().toString().hashCode() * 31L + image;
    }

    /** Writes pictures and COCO's list of what is on them; the outline of a disc is a diamond. */
    private static void coco(Path list, Path images, String prefix, String format, String... classes)
            throws IOException {
        List<String> pictures = new ArrayList<>();
        List<String> objects = new ArrayList<>();
        for (int i = 0; i < IMAGES; i++) {
            String name = prefix + i + "." + format;
            long seed = seed(list, i);
            picture(images.resolve(name), EDGE, EDGE, seed);
            pictures.add("{\"id\": %d, \"file_name\": \"%s\", \"width\": %d, \"height\": %d}"
                    .formatted(i, name, EDGE, EDGE));
            for (int[] disc : discs(EDGE, EDGE, seed)) {
                int x = disc[0];
                int y = disc[1];
                int w = disc[2];
                int h = disc[3];
                objects.add(("{\"id\": %d, \"image_id\": %d, \"category_id\": %d, \"bbox\": [%d, %d, %d, %d],"
                                + " \"area\": %d, \"iscrowd\": 0, \"segmentation\": [[%d, %d, %d, %d, %d, %d, %d, %d]]}")
                        .formatted(
                                objects.size() + 1,
                                i,
                                objects.size() % classes.length + 1,
                                x,
                                y,
                                w,
                                h,
                                w * h / 2,
                                x + w / 2,
                                y,
                                x + w,
                                y + h / 2,
                                x + w / 2,
                                y + h,
                                x,
                                y + h / 2));
            }
        }
        List<String> names = IntStream.range(0, classes.length)
                .mapToObj(i -> "{\"id\": %d, \"name\": \"%s\"}".formatted(i + 1, classes[i]))
                .toList();
        Files.writeString(
                list,
                "{\"images\": " + pictures + ", \"annotations\": " + objects + ", \"categories\": " + names + "}");
    }

    /** Sentences in two languages. */
    private static void pairs(Path folder) throws IOException {
        Files.createDirectories(folder);
        List<String> english = List.of("I am", "you are", "he is", "we are", "they are");
        List<String> french = List.of("je suis", "tu es", "il est", "nous sommes", "ils sont");
        List<String> places =
                List.of("here\tici", "at home\t\u00e0 la maison", "in Paris\t\u00e0 Paris", "late\ten retard");
        Map<String, List<String>> parts = Map.of(
                "train.tsv", places, "val.tsv", List.of("there\tl\u00e0"), "test.tsv", List.of("alone\tl\u00e0-bas"));
        for (Map.Entry<String, List<String>> part : parts.entrySet()) {
            List<String> lines = new ArrayList<>();
            for (String place : part.getValue()) {
                for (int i = 0; i < english.size(); i++) {
                    lines.add(english.get(i) + " " + place.replace("\t", ".\t" + french.get(i) + " ") + ".");
                }
            }
            Files.write(folder.resolve(part.getKey()), lines);
        }
    }

    /** The classes of a project, as its build has them in a jar. */
    private static void jar(String project, Path jar) throws IOException {
        Path main = Pages.ROOT.resolve(project).resolve("src/main");
        Path classes = Files.createTempDirectory(jar.getParent(), "classes");
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, UTF_8);
                Stream<Path> sources = Files.walk(main.resolve("java"))) {
            List<Path> files =
                    sources.filter(file -> file.toString().endsWith(".java")).toList();
            List<String> options =
                    List.of("-proc:none", "-d", classes.toString(), "-cp", System.getProperty("java.class.path"));
            if (!compiler.getTask(null, manager, null, options, null, manager.getJavaFileObjectsFromPaths(files))
                    .call()) {
                throw new IOException(project + ": does not compile");
            }
        }
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            for (Path root : List.of(classes, main.resolve("resources"))) {
                try (Stream<Path> files = Files.walk(root)) {
                    for (Path file : files.filter(Files::isRegularFile).toList()) {
                        out.putNextEntry(new JarEntry(root.relativize(file).toString()));
                        out.write(Files.readAllBytes(file));
                        out.closeEntry();
                    }
                }
            }
        }
    }
}
