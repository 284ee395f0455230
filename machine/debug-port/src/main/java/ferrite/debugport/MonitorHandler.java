package ferrite.debugport;

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
import java.util.function.BooleanSupplier;

/**
 * The monitor as lines of text: each line is a command, and each answer the text of its report.
 *
 * <p>A connection has at most one command under way. The next line is handled, and more input requested, only after the
 * answer was written to the socket. Answers therefore keep the order of the questions, and a client that sends without
 * reading blocks itself. All fields belong to the port's thread. The machine's thread runs only {@link #run}.
 */
final class MonitorHandler extends ChannelInboundHandlerAdapter {

    private static final String LINE_TOO_LONG = "error: the line was longer than "
            + LineSplitter.MAX_LINE_BYTES + " bytes and was discarded; send a shorter one\n";

    private static final int STEP_TRIES = 1000;

    private final Monitor monitor;
    private final Executor machine;
    private final BooleanSupplier isStepping;
    private final LineSplitter lines = new LineSplitter();
    private ByteBuf input = Unpooled.EMPTY_BUFFER;
    private boolean busy;
    private boolean inputEnded;

    /** @param isStepping tells, on the machine's thread, whether the machine runs only until a step is made */
    MonitorHandler(Monitor monitor, Executor machine, BooleanSupplier isStepping) {
        this.monitor = monitor;
        this.machine = machine;
        this.isStepping = isStepping;
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
            reply(ctx, LINE_TOO_LONG);
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
        if (tries > 0 && isStepping.getAsBoolean()) {
            tryLater(ctx, line, tries);
            return;
        }
        String answer = "error: the machine ended while it ran the command\n";
        try {
            answer = answer(line);
        } finally {
            postBack(ctx, answer);
        }
    }

    private void tryLater(ChannelHandlerContext ctx, String line, int tries) {
        try {
            ctx.executor().schedule(() -> post(ctx, line, tries - 1), 1, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException portWasClosed) {
            // No client is left to read the answer.
        }
    }

    private void postBack(ChannelHandlerContext ctx, String answer) {
        try {
            ctx.executor().execute(() -> reply(ctx, answer));
        } catch (RejectedExecutionException portWasClosed) {
            // No client is left to read it.
        }
    }

    private String answer(String line) {
        try {
            String text = ReportText.of(monitor.execute(line));
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

    private void reply(ChannelHandlerContext ctx, String text) {
        busy = true;
        ctx.writeAndFlush(Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8))).addListener(written -> {
            busy = false;
            goOn(ctx);
        });
    }
}
