package ferrite.board.options;

import ferrite.board.layout.BoardKind;
import ferrite.hardware.report.Excerpt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * An option of the command line that describes a machine. {@link MachineOptions} declares each one, and everything else
 * is made from its declaration: the command line and its help, the replay line, the kernel's boot arguments, and the
 * check of a restored snapshot.
 */
public final class MachineOption {

    /** Reads the text of an option; an {@link IllegalArgumentException} holds the sentence that says why it cannot. */
    interface Reader extends BiConsumer<BoardOptions, String> { }

    /** Writes an option as it would be given: no text if it is not set, several if it is given more than once. */
    interface Writer extends Function<BoardOptions, List<String>> { }

    /** The text of an option without a value. */
    public static final String SET = "set";

    private final Declaration declared;

    private MachineOption(Declaration declared) {
        this.declared = declared;
    }

    /** An option while it is declared. */
    static final class Declaration {

        private final String name;
        private final String label;
        private final String meaning;
        private final Reader reader;
        private final Writer writer;
        private Writer bootArguments = options -> List.of();
        private String refusalOfBoot;
        private BoardKind onlyBoard;
        private String refusalOfOtherBoard;
        private boolean isForRun = true;
        private boolean isForBoot = true;
        private boolean isRepeatable;
        private boolean isFlag;
        private boolean isSaved;

        private Declaration(String name, String label, String meaning, Reader reader, Writer writer) {
            this.name = name;
            this.label = label;
            this.meaning = meaning;
            this.reader = reader;
            this.writer = writer;
        }

        Declaration onlyForRun() {
            isForBoot = false;
            return this;
        }

        Declaration onlyForBoot() {
            isForRun = false;
            return this;
        }

        /** Makes {@code boot} refuse the option, and say why. */
        Declaration refusedByBoot(String why) {
            refusalOfBoot = why;
            return onlyForRun();
        }

        /** Makes {@code boot} refuse the option on the other board, and say why. */
        Declaration onlyOn(BoardKind board, String why) {
            onlyBoard = board;
            refusalOfOtherBoard = why;
            return this;
        }

        /** Marks an option whose value a snapshot holds. */
        Declaration saved() {
            isSaved = true;
            return this;
        }

        /** Passes the option to the kernel as {@code word=value}, unless it has its default. */
        Declaration bootArgument(String word) {
            return bootArguments(options -> isChanged(options)
                    ? List.of(word + "=" + writer.apply(options).get(0)) : List.of());
        }

        Declaration bootArguments(Writer arguments) {
            bootArguments = arguments;
            return this;
        }

        private boolean isChanged(BoardOptions options) {
            return !writer.apply(options).equals(writer.apply(new BoardOptions()));
        }

        MachineOption build() {
            return new MachineOption(this);
        }
    }

    static Declaration text(String name, String label, String meaning, Reader reader,
            Function<BoardOptions, String> writer) {
        return new Declaration(name, label, meaning, reader, options -> {
            String text = writer.apply(options);
            return text.isEmpty() ? List.of() : List.of(text);
        });
    }

    static Declaration number(String name, String label, String meaning, Reader reader,
            ToLongFunction<BoardOptions> writer) {
        return text(name, label, meaning, reader, options -> Long.toString(writer.applyAsLong(options)));
    }

    /** Declares an option whose text names one of these values in lower case. */
    static <E extends Enum<E>> Declaration choice(String name, String meaning, E[] values,
            BiConsumer<BoardOptions, E> reader, Function<BoardOptions, E> writer) {
        List<String> words = Arrays.stream(values).map(MachineOption::word).toList();
        Reader chosen = (options, text) -> {
            if (!words.contains(text)) {
                throw new IllegalArgumentException(String.join(" or ", words) + " would be right");
            }
            reader.accept(options, values[words.indexOf(text)]);
        };
        return text(name, String.join("|", words), meaning, chosen, options -> word(writer.apply(options)));
    }

    /** Declares an option without a value, which is set or not. */
    static Declaration flag(String name, String meaning, BiConsumer<BoardOptions, Boolean> reader,
            Predicate<BoardOptions> writer) {
        Declaration declaration = new Declaration(name, "", meaning, (options, set) -> reader.accept(options, true),
                options -> writer.test(options) ? List.of(SET) : List.of());
        declaration.isFlag = true;
        return declaration;
    }

    static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** Declares an option that may be given again. */
    static Declaration list(String name, String label, String meaning, Reader reader, Writer writer) {
        Declaration declaration = new Declaration(name, label, meaning, reader, writer);
        declaration.isRepeatable = true;
        return declaration;
    }

    /** Returns the name with its dashes. */
    public String name() {
        return declared.name;
    }

    /** Returns the form of the value, for the help. */
    public String label() {
        return declared.label;
    }

    public String meaning() {
        return declared.meaning;
    }

    public boolean isRepeatable() {
        return declared.isRepeatable;
    }

    /** Returns whether the option has no value on the command line. Its text is {@link #SET}. */
    public boolean isFlag() {
        return declared.isFlag;
    }

    public boolean isForRun() {
        return declared.isForRun;
    }

    public boolean isForBoot() {
        return declared.isForBoot;
    }

    /** Returns why {@code boot} refuses the option on any board; null if it does not. */
    public String refusalOfBoot() {
        return declared.refusalOfBoot;
    }

    /** Returns why {@code boot} refuses the option on this board; null if it does not. */
    public String refusalOfBoot(BoardKind board) {
        return declared.onlyBoard != null && declared.onlyBoard != board ? declared.refusalOfOtherBoard
                : declared.refusalOfBoot;
    }

    /** Returns whether a snapshot holds the option's value. */
    public boolean isSaved() {
        return declared.isSaved;
    }

    /**
     * Sets the option as the command line does.
     *
     * @throws IllegalArgumentException with a sentence that begins with the option
     */
    void set(BoardOptions options, String text) {
        try {
            declared.reader.accept(options, text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name() + " " + Excerpt.in(text) + ": " + e.getMessage());
        }
    }

    /** Returns the texts that would set the option to its present value. */
    public List<String> write(BoardOptions options) {
        return declared.writer.apply(options);
    }

    /** Sets the option of one machine to its value in another. */
    public void copy(BoardOptions from, BoardOptions to) {
        write(from).forEach(text -> set(to, text));
    }

    /** Returns the words of a command line that set the option to its present value. */
    List<String> words(BoardOptions options) {
        List<String> words = new ArrayList<>();
        write(options).forEach(text -> words.addAll(isFlag() ? List.of(name()) : List.of(name(), text)));
        return words;
    }

    List<String> bootArguments(BoardOptions options) {
        return declared.bootArguments.apply(options);
    }
}
