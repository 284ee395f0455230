package ferrite.debugport;

import ferrite.hardware.debug.DebugTarget;
import ferrite.hardware.monitor.Effect;
import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.ReportText;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * The monitor as lines of text: each line is a command, and each answer the text of its report.
 *
 * <p>A first line that is no command ends the connection: the client may speak another protocol, and parts of it could
 * be taken for commands.
 *
 * <p>A connection has at most one command under way. The next line is handled, and more input requested, only after the
 * answer was written to the socket. Answers therefore keep the order of the questions, and a client that sends without
 * reading blocks itself. All fields belong to the port's thread. The machine's thread runs only {@link #run}.
 */
final class MonitorHandler extends ChannelInboundHandlerAdapter {

    private static final String LINE_TOO_LONG = "error: the line was longer than "
            + LineSplitter.MAX_LINE_BYTES + " bytes and was discarded; send a shorter one\n";

    private static final String CLOSES = "error: the first line is no command, so the connection is closed; begin with "
            + "'help', for example\n";

    private static final int STEP_TRIES = 1000;

    private final Monitor monitor;
    private final Executor machine;
    private final DebugTarget target;
    private final Effect most;
    private final LineSplitter lines = new LineSplitter();
    private ByteBuf input = Unpooled.EMPTY_BUFFER;
    private boolean busy;
    private boolean inputEnded;
    /** Whether a line of the client was a command, so that this client is no garbage. */
    private boolean known;

    /** @param most the strongest effect that a line of the client may have */
    MonitorHandler(DebugServices services, Effect most) {
        this.monitor = services.monitor();
        this.machine = services.machine();
        this.target = services.target();
        this.most = most;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        input = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), input, (ByteBuf) message);
        goOn(ctx);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded = true;
            goOn(ctx);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        input.release();
        input = Unpooled.EMPTY_BUFFER;
    }

    /** Handles the available lines, up to the first one that must wait for its answer. */
    private void goOn(ChannelHandlerContext ctx) {
        while (!busy && !ctx.isRemoved()) {
            String line = lines.next(input);
            if (line != null) {
                handle(ctx, line);
            } else if (!inputEnded) {
                ctx.read();
                return;
            } else {
                finish(ctx);
                return;
            }
        }
    }

    /** Handles the end of the input. Text after the last line end counts as one more line. */
    private void finish(ChannelHandlerContext ctx) {
        String rest = lines.rest();
        if (rest.isBlank()) {
            ctx.close();
        } else {
            handle(ctx, rest);
        }
    }

    private void handle(ChannelHandlerContext ctx, String line) {
        if (line == LineSplitter.TOO_LONG) {
            answer(ctx, LINE_TOO_LONG, known);
        } else if (line.strip().equals("quit")) {
            ctx.pipeline().replace(this, "quit", new Farewell(""));
        } else if (!line.isBlank()) {
            busy = true;
            post(ctx, line, STEP_TRIES);
        }
    }

    private void post(ChannelHandlerContext ctx, String line, int tries) {
        try {
            machine.execute(() -> run(ctx, line, tries));
        } catch (RejectedExecutionException e) {
            reply(ctx, "error: the machine has ended and takes no more commands\n");
        }
    }

    /**
     * Runs a command on the machine's thread. An {@code Error} that unwinds the machine passes through, and the client
     * still gets an answer. A line that comes during a step waits for its end, for a second at most.
     */
    private void run(ChannelHandlerContext ctx, String line, int tries) {
        if (tries > 0 && isStepping()) {
            tryLater(ctx, line, tries);
            return;
        }
        String answer = "error: the machine ended while it ran the command\n";
        boolean isCommand = monitor.find(line) != null;
        try {
            answer = answer(line);
        } finally {
            postBack(ctx, answer, isCommand);
        }
    }

    /** Tells whether the machine runs only until a step is made. */
    private boolean isStepping() {
        return target != null && target.machine().control().isStepping();
    }

    private void tryLater(ChannelHandlerContext ctx, String line, int tries) {
        try {
            ctx.executor().schedule(() -> post(ctx, line, tries - 1), 1, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException portWasClosed) {
            // No client is left to read the answer.
        }
    }

    private void postBack(ChannelHandlerContext ctx, String answer, boolean isCommand) {
        try {
            ctx.executor().execute(() -> answer(ctx, answer, isCommand));
        } catch (RejectedExecutionException portWasClosed) {
            // No client is left to read it.
        }
    }

    private String answer(String line) {
        try {
            String text = ReportText.of(monitor.execute(line, most));
            return text.isEmpty() || text.endsWith("\n") ? text : text + "\n";
        } catch (MonitorException e) {
            return "error: " + onOneLine(e.getMessage());
        } catch (RuntimeException | StackOverflowError e) {
            return "error: internal error: " + onOneLine(e.toString());
        }
    }

    private static String onOneLine(String message) {
        return String.valueOf(message).replaceAll("\\p{Cntrl}+", " ").strip() + "\n";
    }

    /** Answers a line. Ends the connection if no line so far was a command. */
    private void answer(ChannelHandlerContext ctx, String text, boolean isCommand) {
        known |= isCommand;
        if (known) {
            reply(ctx, text);
        } else if (!ctx.isRemoved()) {
            ctx.pipeline().replace(this, "stranger", new Farewell(text + CLOSES));
        }
    }

    private void reply(ChannelHandlerContext ctx, String text) {
        busy = true;
        ctx.writeAndFlush(Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8))).addListener(written -> {
            busy = false;
            goOn(ctx);
        });
    }
}
