package ferrite.debugport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The port's end of an attached client, see {@link AttachProtocol}. It holds at most one line. The next line may come
 * only after the command of the line before has ended or gone into the background. A client that breaks this rule, or
 * sends anything but a frame, gets a sentence and is disconnected.
 *
 * <p>All fields belong to the port's thread, except {@link #attachment}, which belongs to the machine's thread.
 */
final class AttachHandler extends ByteToMessageDecoder implements PromptClient {

    private final MachinePrompt prompt;
    private final Executor machine;
    /** Channels that were sent BYE and are not closed yet. */
    private final ChannelGroup leaving;
    private final Rights rights;
    private ChannelHandlerContext context;
    private FrameSender sender;
    private boolean greeted;
    private int lastNumber;
    /** Number of the line whose command must end first, or 0. */
    private int underWay;
    /** Number of the line whose bytes are being received, or 0. */
    private int coming;
    private int comingBytes;
    /** Whether the bytes being received are a question about completion. */
    private boolean asking;
    /** Whether a question was received and its answer not sent yet. */
    private boolean unanswered;
    private boolean over;
    private boolean leavesAlready;
    /** Whether an interrupt is posted that the machine has not taken. */
    private final AtomicBoolean interrupting = new AtomicBoolean();
    private MachinePrompt.Attachment attachment;

    /**
     * Creates a handler.
     *
     * @param prompt the machine's prompt, or null if it has none
     */
    AttachHandler(MachinePrompt prompt, Executor machine, ChannelGroup leaving, Rights rights) {
        this.prompt = prompt;
        this.machine = machine;
        this.leaving = leaving;
        this.rights = rights;
    }

    @Override
    public Rights rights() {
        return rights;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        sender = new FrameSender(ctx.channel());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        super.channelReadComplete(ctx);
        ctx.read();                                   // always: only a read shows that the client is gone
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        super.userEventTriggered(ctx, event);
        if (event instanceof ChannelInputShutdownEvent) {
            leave();                                  // a killed client looks the same as one that has sent everything
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        over = true;
        sender.close();
        if (greeted) {
            post(this::detachIfAttached);
        }
    }

    // ---- frames from the client ----

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (over) {
            in.skipBytes(in.readableBytes());
        } else if (coming != 0) {
            takeLine(in);
        } else if (asking) {
            takeWords(in);
        } else {
            int end = in.bytesBefore((byte) '\n');
            if (end > AttachProtocol.MAX_HEADER_BYTES
                    || end < 0 && in.readableBytes() > AttachProtocol.MAX_HEADER_BYTES) {
                refuse("a frame's first line has at most " + AttachProtocol.MAX_HEADER_BYTES + " bytes");
            } else if (end >= 0) {
                String header = in.readCharSequence(end, StandardCharsets.ISO_8859_1).toString();
                in.skipBytes(1);
                take(header.endsWith("\r") ? header.substring(0, header.length() - 1) : header, in);
            }
        }
    }

    private void take(String header, ByteBuf in) {
        if (!greeted) {
            greet(header);
            return;
        }
        String[] words = header.split(" ", -1);
        switch (words[0]) {
            case AttachProtocol.RUN -> takeRun(words, in);
            case AttachProtocol.COMPLETE -> takeQuestion(words, in);
            case AttachProtocol.INTERRUPT -> interrupt();
            case AttachProtocol.QUIT -> leave();
            default -> refuse("'" + printable(words[0]) + "' is not a frame of this protocol");
        }
    }

    private void greet(String greeting) {
        greeted = true;
        if (!greeting.equals(AttachProtocol.GREETING)) {
            refuse("this machine speaks '" + AttachProtocol.GREETING + "', the client asked for '" + printable(greeting)
                    + "'; a ferrite of the same version would be right");
        } else if (prompt == null) {
            refuse("there is no prompt at this port");
        } else {
            attach();
        }
    }

    private void attach() {
        try {
            machine.execute(() -> {
                sender.send(AttachProtocol.GREETING);
                attachment = prompt.attach(this);
            });
        } catch (RejectedExecutionException ended) {
            refuse("the machine's run has ended");
        }
    }

    private void takeRun(String[] words, ByteBuf in) {
        int number = words.length == 3 ? AttachProtocol.number(words[1], Integer.MAX_VALUE) : -1;
        int bytes = words.length == 3 ? AttachProtocol.number(words[2], AttachProtocol.MAX_LINE_BYTES) : -1;
        if (number <= lastNumber || bytes < 0) {
            refuse("a line comes as 'run N LEN', with a number N larger than the one before, and at most "
                    + AttachProtocol.MAX_LINE_BYTES + " bytes");
        } else if (underWay != 0) {
            refuse("line " + number + " came before line " + underWay + " had ended");
        } else {
            lastNumber = number;
            coming = number;
            comingBytes = bytes;
            takeLine(in);
        }
    }

    private void takeLine(ByteBuf in) {
        if (in.readableBytes() < comingBytes) {
            return;
        }
        // A line stays one line: a control character in it becomes a blank, as in the shell.
        String line = in.readCharSequence(comingBytes, StandardCharsets.UTF_8).toString().replaceAll("\\p{Cntrl}", " ");
        int number = coming;
        coming = 0;
        underWay = number;
        post(() -> attachment.line(number, line));
    }

    private void takeQuestion(String[] words, ByteBuf in) {
        int bytes = words.length == 2 ? AttachProtocol.number(words[1], AttachProtocol.MAX_LINE_BYTES) : -1;
        if (bytes < 0) {
            refuse("a question comes as 'complete LEN', with at most " + AttachProtocol.MAX_LINE_BYTES + " bytes");
        } else if (unanswered) {
            refuse("a question came before the previous one was answered");
        } else {
            asking = true;
            comingBytes = bytes;
            takeWords(in);
        }
    }

    private void takeWords(ByteBuf in) {
        if (in.readableBytes() < comingBytes) {
            return;
        }
        List<String> words = List.of(in.readCharSequence(comingBytes, StandardCharsets.UTF_8)
                .toString().split("\n", -1));
        asking = false;
        unanswered = true;
        post(() -> answer(attachment.complete(words.subList(0, words.size() - 1), words.get(words.size() - 1))));
    }

    /** Sends the answer to a question. Runs on the machine's thread. */
    private void answer(List<String> candidates) {
        byte[] bytes = String.join("\n", candidates).getBytes(StandardCharsets.UTF_8);
        byte[] few = bytes.length <= AttachProtocol.MAX_LINE_BYTES ? bytes : new byte[0];
        sender.send(AttachProtocol.CANDIDATES + " " + few.length, few, () -> unanswered = false);
    }

    /** Posts an interrupt, unless one waits already: a client may send many while the machine does not look. */
    private void interrupt() {
        if (interrupting.compareAndSet(false, true)) {
            post(() -> {
                interrupting.set(false);
                attachment.interrupt();
            });
        }
    }

    private void leave() {
        if (leavesAlready) {
            return;
        }
        leavesAlready = true;
        if (greeted) {
            post(this::detachIfAttached);
        } else {
            context.close();
        }
    }

    private void detachIfAttached() {
        if (attachment != null) {
            attachment.detach();
        }
    }

    /** Posts a request to the machine, after the client has attached. */
    private void post(Runnable request) {
        try {
            machine.execute(request);
        } catch (RejectedExecutionException ended) {
            // The machine's run has ended, and every attached client is sent BYE.
        }
    }

    private void refuse(String sentence) {
        if (!over) {
            over = true;
            context.pipeline().replace(this, "refusal", new Farewell(AttachProtocol.ERROR + sentence + "\n"));
        }
    }

    private static String printable(String text) {
        return text.replaceAll("[^ -~]", "?");
    }

    // ---- frames to the client, sent from the machine's thread ----

    @Override
    public void output(int number, boolean error, byte[] bytes) {
        sender.sendPatiently((error ? AttachProtocol.ERR : AttachProtocol.OUT) + " " + number, bytes);
    }

    @Override
    public void violation(String text) {
        send(AttachProtocol.VIOLATION, text);
    }

    @Override
    public void notice(String text) {
        send(AttachProtocol.NOTICE, text);
    }

    private void send(String frame, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        sender.send(frame + " " + bytes.length, bytes, null);
    }

    @Override
    public void background(int number) {
        sender.send(AttachProtocol.BACKGROUND + " " + number, new byte[0], () -> goOn(number));
    }

    @Override
    public void ended(int number, int status) {
        sender.send(AttachProtocol.END + " " + number + " " + status, new byte[0], () -> goOn(number));
    }

    private void goOn(int number) {
        if (underWay == number) {
            underWay = 0;
        }
    }

    @Override
    public void bye(int status, String reason) {
        byte[] bytes = reason.getBytes(StandardCharsets.UTF_8);
        sender.send(AttachProtocol.BYE + " " + status + " " + bytes.length, bytes,
                () -> context.executor().execute(this::partForGood));
    }

    private void partForGood() {
        if (!over) {
            over = true;
            leaving.add(context.channel());
            context.pipeline().replace(this, "bye", new Farewell(""));
        }
    }
}
