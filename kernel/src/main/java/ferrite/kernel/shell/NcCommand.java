package ferrite.kernel.shell;

import ferrite.hardware.clock.Clock;
import ferrite.kernel.base.Errno;
import ferrite.kernel.net.InternetAddress;
import ferrite.kernel.net.Udp;
import java.util.List;

/** {@code nc -u}: sends standard input in datagrams, and writes the answer to each one. */
final class NcCommand implements Command {

    private static final int MAX_PORT = 65_535;
    private static final int DATAGRAM_BYTES = 1024;

    @Override
    public String name() {
        return "nc";
    }

    @Override
    public String usage() {
        return "nc -u [-w SECONDS] ADDRESS PORT";
    }

    @Override
    public String options() {
        return "uw:";
    }

    @Override
    public String summary() {
        return "send standard input in datagrams, and write each answer, for which it waits a second";
    }

    @Override
    public String example() {
        return "echo hello | nc -u 10.0.0.2 7";
    }

    @Override
    public int run(CommandContext context) {
        Letters letters = context.letters(this);
        List<String> words = letters.operands();
        String wait = letters.has('w') ? letters.value('w') : "1";
        if (!letters.has('u') || words.size() != 2 || !wait.matches("[1-9][0-9]{0,3}")
                || !words.get(1).matches("[1-9][0-9]{0,4}")) {
            return context.fail("usage: " + usage());
        }
        long seconds = Long.parseLong(wait);
        long address = InternetAddress.parse(words.get(0));
        int port = Integer.parseInt(words.get(1));
        if (address == InternetAddress.NONE || port > MAX_PORT) {
            return context.fail((address == InternetAddress.NONE ? words.get(0) : port)
                    + ": not an address or port, as 10.0.0.2 and 7 are");
        }
        if (!context.kernel().drivers().net().ipv4().leadsTo((int) address)) {
            return context.fail("connect: " + Errno.message(Errno.ENETUNREACH));
        }
        Udp udp = context.kernel().drivers().net().udp();
        long socket = udp.open();
        if (socket == 0) {
            return context.fail(Errno.message(Errno.ENOMEM));
        }
        try {
            Questions questions = new Questions(context, udp, socket, (int) address, port, seconds);
            return FilePieces.forEach(context, CommandContext.STANDARD_INPUT, questions) | questions.status;
        } finally {
            udp.close(socket);
        }
    }

    /** The datagrams of one command. */
    private static final class Questions implements FilePieces.Piece {

        private final CommandContext context;
        private final Udp udp;
        private final long socket;
        private final int address;
        private final int port;
        private final long ticks;
        private int status;

        Questions(CommandContext context, Udp udp, long socket, int address, int port, long seconds) {
            this.context = context;
            this.udp = udp;
            this.socket = socket;
            this.address = address;
            this.port = port;
            this.ticks = seconds * Clock.TICKS_PER_SECOND;
        }

        @Override
        public void take(long from, int length) {
            for (int at = 0; at < length && status == 0; at += DATAGRAM_BYTES) {
                int error = udp.ask(socket, address, port, from + at, Math.min(DATAGRAM_BYTES, length - at));
                if (error < 0) {
                    status = context.fail("sendto: " + Errno.message(error));
                    return;
                }
                int bytes = udp.await(socket, ticks);
                context.userBoundary();
                status = bytes < 0 ? 1 : 0;
                context.out(udp.data(socket), Math.max(0, bytes));
            }
        }

        @Override
        public boolean isDone() {
            return status != 0;
        }
    }
}
