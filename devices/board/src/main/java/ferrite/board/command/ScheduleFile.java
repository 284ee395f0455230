package ferrite.board.command;

import ferrite.hardware.Machine;
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

        private final Path file;
        private final Writer out;
        private long slices;
        /** Why a line could not be written; null if all could. */
        private IOException failure;

        Recording(Path file) throws IOException {
            this.file = file;
            this.out = Files.newBufferedWriter(file);
        }

        void add(int hart, long tick, long event) {
            attempt(() -> out.write(slices + " " + hart + " " + tick + " " + event + "\n"));
            slices++;
        }

        private interface Attempt {
            void make() throws IOException;
        }

        /** Keeps the first failure. The machine goes on. */
        private void attempt(Attempt attempt) {
            try {
                if (failure == null) {
                    attempt.make();
                }
            } catch (IOException e) {
                failure = e;
            }
        }

        @Override
        public void close() throws InputException {
            attempt(out::close);
            if (failure != null) {
                throw unusable(file, failure);
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
            recording = new Recording(file);
        } catch (IOException e) {
            throw unusable(file, e);
        }
        machine.onSlice(hart -> recording.add(hart, machine.clock().now(), machine.turn().eventNumber()));
        return recording;
    }

    private static InputException unusable(Path file, IOException why) {
        return new InputException("--schedule " + file + " cannot be written: " + HostFiles.reason(why));
    }
}
