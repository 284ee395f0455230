package ferrite.kernel.shell;

import ferrite.hardware.clock.Clock;
import ferrite.kernel.base.Errno;
import ferrite.kernel.net.InternetAddress;
import ferrite.kernel.net.Ipv4;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/**
 * {@code ping}: asks a host for echoes, with the output and the statuses of iputils. Without {@code -c} it ends after
 * four questions.
 */
final class PingCommand implements Command {

    private static final int DEFAULT_COUNT = 4;
    private static final int DEFAULT_BYTES = 56;
    private static final int MAX_BYTES = 65_507;
    private static final int HEADERS = 28;
    private static final int ERROR = 2;
    /** How long it waits after the last question if no answer has come so far. */
    private static final long LINGER = 10L * Clock.TICKS_PER_SECOND;
    private static final double TICKS_PER_MILLISECOND = Clock.TICKS_PER_SECOND / 1000.0;

    @Override
    public String name() {
        return "ping";
    }

    @Override
    public String usage() {
        return "ping [-c COUNT] [-s BYTES] ADDRESS";
    }

    @Override
    public String options() {
        return "c:s:";
    }

    @Override
    public int statusOfWrongOption() {
        return ERROR;
    }

    @Override
    public String summary() {
        return "ask a host for four echoes, one a second";
    }

    @Override
    public String example() {
        return "ping -c 1 192.168.0.2";
    }

    @Override
    public boolean usesBuffer() {
        return false;
    }

    @Override
    public int run(CommandContext context) {
        int count = DEFAULT_COUNT;
        int bytes = DEFAULT_BYTES;
        Letters letters = context.letters(this);
        List<String> words = letters.operands();
        for (Letters.Option option : letters.given()) {
            if (!option.value().matches("[0-9]{1,6}")) {
                return fail(context, "invalid argument: '" + option.value() + "'");
            }
            int number = Integer.parseInt(option.value());
            count = option.letter() == 'c' ? Math.max(1, number) : count;
            bytes = option.letter() == 's' ? number : bytes;
        }
        long address = words.size() == 1 ? InternetAddress.parse(words.get(0)) : InternetAddress.NONE;
        if (address == InternetAddress.NONE) {
            return fail(context, words.size() == 1 ? words.get(0)
                    + ": not an address, which is four numbers as in 192.168.0.2" : "usage: " + usage());
        }
        if (bytes > MAX_BYTES) {
            return fail(context, "invalid argument: '" + bytes + "': out of range: 0 <= value <= " + MAX_BYTES);
        }
        Ipv4 ip = context.kernel().drivers().net().ipv4();
        if (!ip.leadsTo((int) address)) {
            return fail(context, "connect: " + Errno.message(Errno.ENETUNREACH));
        }
        long ping = ip.beginPing();
        if (ping == 0) {
            return fail(context, Errno.message(Errno.ENOMEM));
        }
        try {
            return new Questions(context, ip, ping, (int) address).ask(count, bytes);
        } finally {
            ip.endPing(ping);
        }
    }

    private static int fail(CommandContext context, String message) {
        context.fail(message);
        return ERROR;
    }

    /** The questions of one command, and its counters. */
    private static final class Questions {

        private final CommandContext context;
        private final Ipv4 ip;
        private final long ping;
        private final int address;
        private final String host;
        private final List<Long> timesOfQuestions = new ArrayList<>();
        /** The numbers of the questions that were answered. */
        private final BitSet answered = new BitSet();
        private int duplicates;
        private double least = Double.MAX_VALUE;
        private double most;
        private double sum;
        private double sumOfSquares;

        Questions(CommandContext context, Ipv4 ip, long ping, int address) {
            this.context = context;
            this.ip = ip;
            this.ping = ping;
            this.address = address;
            this.host = InternetAddress.text(address);
        }

        int ask(int count, int bytes) {
            context.out("PING " + host + " (" + host + ") " + bytes + "(" + (bytes + HEADERS)
                    + ") bytes of data.\n");
            while (timesOfQuestions.size() < count) {
                timesOfQuestions.add(now());
                int error = ip.ask(ping, address, bytes);
                if (error < 0) {
                    context.fail("sendmsg: " + Errno.message(error));
                }
                receive(count);
            }
            summarize();
            return answered.isEmpty() ? 1 : 0;
        }

        /** Prints the answers that come until the next question, or until the end after the last one. */
        private void receive(int count) {
            while (answered.cardinality() < count) {
                boolean last = timesOfQuestions.size() == count;
                long left = sentAt(timesOfQuestions.size()) + (last ? linger() : Clock.TICKS_PER_SECOND) - now();
                if (left <= 0) {
                    return;
                }
                Ipv4.Answer answer = ip.await(ping, left);
                context.userBoundary();
                if (answer != null) {
                    count(answer);
                }
            }
        }

        /** As in iputils: twice the longest time that an answer took, or a second if that is more. */
        private long linger() {
            return answered.isEmpty() ? LINGER
                    : Math.max(Clock.TICKS_PER_SECOND, (long) (2 * most * TICKS_PER_MILLISECOND));
        }

        private long sentAt(int question) {
            return timesOfQuestions.get(question - 1);
        }

        private long now() {
            return context.kernel().base().cpu().time();
        }

        private void count(Ipv4.Answer answer) {
            int sent = timesOfQuestions.size();
            int question = sent - (sent - answer.sequence() & 0xffff);
            double milliseconds = (answer.time() - sentAt(question)) / TICKS_PER_MILLISECOND;
            boolean again = answered.get(question);
            answered.set(question);
            duplicates += again ? 1 : 0;
            least = Math.min(least, milliseconds);
            most = Math.max(most, milliseconds);
            sum += milliseconds;
            sumOfSquares += milliseconds * milliseconds;
            context.out(String.format(Locale.ROOT, "%d bytes from %s: icmp_seq=%d ttl=%d time=%.3f ms%s\n",
                    answer.bytes(), host, question, answer.ttl(), milliseconds, again ? " (DUP!)" : ""));
        }

        private void summarize() {
            int sent = timesOfQuestions.size();
            int received = answered.cardinality();
            context.out("\n--- " + host + " ping statistics ---\n" + sent + " packets transmitted, " + received
                    + " received, " + (duplicates == 0 ? "" : "+" + duplicates + " duplicates, ")
                    + (sent - received) * 100 / sent + "% packet loss, time "
                    + (long) ((sentAt(sent) - sentAt(1)) / TICKS_PER_MILLISECOND) + "ms\n");
            if (received > 0) {
                double mean = sum / (received + duplicates);
                double deviation = Math.sqrt(Math.max(0, sumOfSquares / (received + duplicates) - mean * mean));
                context.out(String.format(Locale.ROOT, "rtt min/avg/max/mdev = %.3f/%.3f/%.3f/%.3f ms\n", least, mean,
                        most, deviation));
            }
        }
    }
}
