package ferrite.board.command;

import ferrite.hardware.Machine;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option that records the schedule of a run, so that two runs can be compared slice by slice. */
final class ScheduleFile {

    @Option(names = "--schedule", paramLabel = "FILE", description = "records the schedule, a line for each slice: its "
            + "number, its hart, and the tick and the event number at which it begins; the first line that differs "
            + "from another run's shows where the runs part")
    private Path file;

    /** A file that is written while the machine runs. */
    private static final class Recording implements Closeable {

        private final Writer out;
        private long slices;
        /** Why a line could not be written; null if all could. */
        private IOException failure;

        Recording(Writer out) {
            this.out = out;
        }

        void add(int hart, long tick, long event) {
            try {
                if (failure == null) {
                    out.write(slices + " " + hart + " " + tick + " " + event + "\n");
                }
            } catch (IOException e) {
                failure = e;                           // the machine goes on; close tells
            }
            slices++;
        }

        @Override
        public void close() throws IOException {
            try (out) {
                if (failure != null) {
                    throw failure;
                }
            }
        }
    }

    /** Records the machine's schedule from now on, if the option is given. Closing the result ends that. */
    Closeable record(Machine machine) throws InputException {
        if (file == null) {
            return () -> { };
        }
        Recording recording;
        try {
            recording = new Recording(new BufferedWriter(Files.newBufferedWriter(file), 1 << 16));
        } catch (IOException e) {
            throw new InputException("--schedule " + file + " cannot be written: " + HostFiles.reason(e));
        }
        machine.onSlice(hart -> recording.add(hart, machine.clock().now(), machine.turn().eventNumber()));
        return recording;
    }
}
