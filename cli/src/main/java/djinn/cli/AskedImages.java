package djinn.cli;

import djinn.cli.ImageArguments.Source;
import djinn.data.Pixels;
import djinn.inference.Answer;
import djinn.inference.ImageInput;
import djinn.inference.ImagePredictor;
import djinn.ops.DataException;
import djinn.ops.NativeHeap;
import djinn.ops.NotFiniteException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Asks a model about images: a batch is answered while the next ones are decoded. An image that cannot be read, or that
 * the model answers with no numbers, is told of and leaves the others be.
 *
 * @param model answers
 * @param batch images computed together
 * @param ahead how many are decoded before the first is answered
 * @param workers threads that decode
 * @param drawn whether answers are drawn on their images, which are kept for it
 */
record AskedImages(ImagePredictor<?> model, int batch, int ahead, int workers, boolean drawn) {

    /** More images than these are worth the time that freezing takes. */
    private static final int A_FEW = 8;

    /** Gets the answers. */
    interface Listener {

        /**
         * Is told an answer.
         *
         * @param name the image's
         * @param image as it is; empty unless answers are drawn
         */
        void answered(String name, Optional<Pixels> image, Answer answer);

        /** Returns whether more answers are wanted, after each batch. */
        boolean goesOn();
    }

    /** An image that is ready, and as it was where answers are drawn. */
    private record Ready(ImageInput input, Optional<Pixels> image) {}

    /** An image on its way through the decoders. */
    private record Decoding(Source source, Future<Ready> image) {}

    /**
     * Asks about all images.
     *
     * @param errors is told of images without an answer
     * @return whether all have one
     */
    boolean ask(Iterator<Source> sources, Listener listener, Consumer<String> errors) {
        ExecutorService decoders = Executors.newFixedThreadPool(workers);
        try {
            Deque<Decoding> decodings = new ArrayDeque<>();
            boolean whole = true;
            while (true) {
                while (decodings.size() < ahead && sources.hasNext()) {
                    Source source = sources.next();
                    decodings.add(new Decoding(source, decoders.submit(() -> read(source))));
                }
                if (decodings.isEmpty()) {
                    return whole;
                }
                if (decodings.size() > A_FEW) {
                    NativeHeap.keepFreedMemory();
                    model.predictor().freeze();
                }
                List<Decoding> next = new ArrayList<>();
                while (next.size() < batch && !decodings.isEmpty()) {
                    next.add(decodings.remove());
                }
                whole &= answer(next, listener, errors);
                if (!listener.goesOn()) {
                    return whole;
                }
            }
        } finally {
            decoders.shutdownNow();
        }
    }

    private Ready read(Source source) {
        Pixels image = source.read(drawn ? 3 : model.images().channels());
        return new Ready(model.prepare(image, source.name()), drawn ? Optional.of(image) : Optional.empty());
    }

    private boolean answer(List<Decoding> decodings, Listener listener, Consumer<String> errors) {
        List<Ready> images = new ArrayList<>();
        for (Decoding decoding : decodings) {
            try {
                images.add(await(decoding.image));
            } catch (DataException e) {
                errors.accept("error: " + e.getMessage());
            }
        }
        boolean whole = images.size() == decodings.size();
        try {
            tell(images, listener);
        } catch (NotFiniteException e) {
            // not all of a batch need be such
            whole = false;
            for (Ready image : images) {
                try {
                    tell(List.of(image), listener);
                } catch (NotFiniteException single) {
                    errors.accept("error: " + single.getMessage());
                }
            }
        }
        return whole;
    }

    private void tell(List<Ready> images, Listener listener) {
        List<? extends Answer> answers =
                model.predictAll(images.stream().map(Ready::input).toList());
        for (int i = 0; i < answers.size(); i++) {
            Ready image = images.get(i);
            listener.answered(image.input.name(), image.image, answers.get(i));
        }
    }

    private static Ready await(Future<Ready> image) {
        try {
            return image.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while an image was decoded", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException("an image could not be decoded: " + e.getCause(), e);
        }
    }
}
