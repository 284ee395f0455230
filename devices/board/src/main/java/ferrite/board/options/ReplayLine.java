package ferrite.board.options;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A command line that repeats a run, quoted for a shell. */
public final class ReplayLine {

    private final StringBuilder line;

    private ReplayLine(String start) {
        line = new StringBuilder(start);
    }

    /** Starts the line of any command: {@code ferrite demo}. */
    public static ReplayLine of(String command) {
        return new ReplayLine("ferrite " + command);
    }

    /**
     * Starts the line of {@code ferrite run} for this machine, with its seed. Some parts have no words; see
     * {@link #unnamed}.
     */
    public static ReplayLine ofRun(BoardOptions options) {
        return of("run").add(MachineOptions.words(options));
    }

    /** Starts the line of {@code ferrite boot} for a program on this machine, with its seed. */
    public static ReplayLine ofBoot(BoardOptions options, Path image) {
        return of("boot").add(List.of(image.toString()))
                .add(MachineOptions.words(options, BoardOptions.ofBoot(), MachineOption::isForBoot));
    }

    /** Starts the line of {@code ferrite boot} that goes on from a snapshot, which holds the other options. */
    public static ReplayLine ofRestore(BoardOptions options, Path snapshot) {
        return of("boot").add(List.of("--restore", snapshot.toString()))
                .add(MachineOptions.words(options, BoardOptions.ofBoot(),
                        option -> option.isForBoot() && !option.isSaved()));
    }

    /**
     * Returns the parts of a machine that no command line names, for a person: the objects of a test, and the settings
     * that only tests make.
     */
    public static List<String> unnamed(BoardOptions options) {
        List<String> parts = new ArrayList<>();
        options.drivers().forEach(driver -> parts.add("the driver " + driver.getClass().getName()));
        options.devices().stream().filter(device -> device.jar() == null)
                .forEach(device -> parts.add("the device " + device));
        if (options.cable() != null) {
            parts.add("the cable of its network card");
        }
        options.kernelWords().forEach(word -> parts.add("the kernel's argument " + word));
        if (options.copierAddressBits() != new BoardOptions().copierAddressBits()) {
            parts.add("the copy engine's " + options.copierAddressBits() + " address wires");
        }
        return parts;
    }

    public ReplayLine add(List<String> words) {
        words.forEach(word -> line.append(' ').append(quote(word)));
        return this;
    }

    /**
     * Returns the line with these commands at its standard input. They do not become {@code -c}, which tells the
     * machine at once that no more will come: that would be another run.
     */
    public String withInput(List<String> commands) {
        List<String> words = new ArrayList<>(List.of("printf", "'%s\\n'"));
        commands.forEach(command -> words.add(quote(command)));
        return commands.isEmpty() ? line.toString() : String.join(" ", words) + " | " + line;
    }

    /**
     * Returns the line for a program that has read bytes from its serial line. They may be any bytes, and are not
     * repeated: a comment of the shell says that they are needed.
     */
    public String withSerialInput(long bytes) {
        return bytes == 0 ? line + " < /dev/null" : line + "    # with the same input, of which " + bytes
                + (bytes == 1 ? " byte was read" : " bytes were read");
    }

    @Override
    public String toString() {
        return line.toString();
    }

    private static String quote(String word) {
        return word.matches("[A-Za-z0-9_./:=,@%+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
