package ferrite.debugport.http;

import ferrite.debugport.pipeline.Origin;
import ferrite.debugport.pipeline.Patience;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * The requests of a connection, one after the other. The next request is handled, and more input asked for, after the
 * answer was written. So at most the requests of one read wait here, and a client that does not read blocks itself.
 *
 * <p>All fields belong to the port's thread. The machine's thread runs only {@link #run}.
 */
final class RequestHandler extends ChannelInboundHandlerAdapter {

    /** Time for a request to arrive, and for an answer to be taken. */
    static final int PATIENCE_SECONDS = 30;

    private static final int UNAVAILABLE = 503;
    /** A page that is not there yet is asked for again: for a second at most. */
    private static final int TRIES = 50;
    private static final int PAUSE_MILLISECONDS = 20;

    private final HttpService service;
    private final HttpEntrance entrance;
    /** Is asked whether there is a place for the client, after a request of it was admitted. */
    private final BooleanSupplier place;
    private final Deque<HttpRequest> waiting = new ArrayDeque<>();
    /** The request with its headers here and its end to come. */
    private HttpRequest arriving;
    private boolean busy;
    private boolean inputEnded;
    private boolean over;
    private Patience deadline;

    RequestHandler(HttpService service, HttpEntrance entrance, BooleanSupplier place) {
        this.service = service;
        this.entrance = entrance;
        this.place = place;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        await(ctx, () -> expire(ctx));
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        deadline.cancel();
        waiting.clear();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            take(message);
        } finally {
            ReferenceCountUtil.release(message);
        }
        goOn(ctx);
    }

    /** Takes a part of a request. A broken one is the last: its end cannot be told from the next one's start. */
    private void take(Object message) {
        if (over || !waiting.isEmpty() && waiting.peekLast().decoderResult().isFailure()) {
            return;
        }
        if (message instanceof HttpRequest request) {
            arriving = request;
            if (request.decoderResult().isFailure() || HttpUtil.isTransferEncodingChunked(request)
                    || request.headers().contains(HttpHeaderNames.CONTENT_LENGTH)) {
                end();                                // a body, if there is one, is refused unread
            }
        } else if (message instanceof LastHttpContent && arriving != null) {
            end();
        }
    }

    private void end() {
        waiting.addLast(arriving);
        arriving = null;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        readOn(ctx);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded = true;
            goOn(ctx);
        }
    }

    private void goOn(ChannelHandlerContext ctx) {
        while (!busy && !over && !ctx.isRemoved()) {
            HttpRequest request = waiting.pollFirst();
            if (request != null) {
                busy = true;
                deadline.cancel();
                answer(ctx, request);
            } else if (inputEnded) {
                over = true;
                entrance.end(ctx);
            } else {
                return;
            }
        }
    }

    /** Asks for more input unless a request is under way. */
    private void readOn(ChannelHandlerContext ctx) {
        if (!busy && !over && !ctx.isRemoved()) {
            ctx.read();
        }
    }

    /** Answers a request, after the delay that wrong tokens have caused. A wrong token waits for its answer too. */
    private void answer(ChannelHandlerContext ctx, HttpRequest request) {
        after(ctx, delay(ctx, request), () -> {
            Refusal refusal = service.admission().refusal(request, ctx.channel().localAddress(),
                    Origin.of(ctx.channel()));
            if (refusal == null) {
                refusal = place.getAsBoolean() ? serve(ctx, request) : Refusal.closing(
                        HttpResponseStatus.SERVICE_UNAVAILABLE, "the debug port has as many clients as it serves");
            }
            if (refusal != null) {
                Refusal sentence = refusal;
                after(ctx, refusal.status().equals(HttpResponseStatus.UNAUTHORIZED) ? delay(ctx, request) : 0,
                        () -> refuse(ctx, request, sentence));
            }
        });
    }

    private long delay(ChannelHandlerContext ctx, HttpRequest request) {
        return service.admission().delayMillis(request, Origin.of(ctx.channel()));
    }

    private static void after(ChannelHandlerContext ctx, long millis, Runnable task) {
        if (millis == 0) {
            task.run();
        } else {
            ctx.executor().schedule(() -> {
                if (!ctx.isRemoved()) {
                    task.run();
                }
            }, millis, TimeUnit.MILLISECONDS);
        }
    }

    /** Answers a request that was admitted, or returns the reason why not. */
    private Refusal serve(ChannelHandlerContext ctx, HttpRequest request) {
        String path;
        Map<String, String> parameters;
        try {
            QueryStringDecoder query = new QueryStringDecoder(request.uri());
            path = query.path();
            parameters = singles(query.parameters());
        } catch (IllegalArgumentException badEscape) {
            return Refusal.of(HttpResponseStatus.BAD_REQUEST, "the path or its query cannot be decoded");
        }
        if (parameters == null) {
            return Refusal.of(HttpResponseStatus.BAD_REQUEST, "a parameter comes twice; one value would be right");
        }
        if (path.equals(WebPages.EVENTS)) {
            return EventStream.begin(ctx, request, service);
        }
        List<String> paths = service.pages().paths();
        if (!paths.contains(path)) {
            List<String> all = new ArrayList<>(paths);
            all.add(WebPages.EVENTS);
            return Refusal.of(HttpResponseStatus.NOT_FOUND,
                    "there is no such page; the pages are " + String.join(", ", all));
        }
        return post(ctx, request, path, parameters, TRIES);
    }

    private static Map<String, String> singles(Map<String, List<String>> parameters) {
        Map<String, String> singles = new LinkedHashMap<>();
        for (Map.Entry<String, List<String>> parameter : parameters.entrySet()) {
            if (parameter.getValue().size() > 1) {
                return null;
            }
            singles.put(parameter.getKey(), parameter.getValue().get(0));
        }
        return singles;
    }

    private Refusal post(ChannelHandlerContext ctx, HttpRequest request, String path, Map<String, String> parameters,
            int tries) {
        try {
            service.machine().execute(() -> run(ctx, request, path, parameters, tries));
            return null;
        } catch (RejectedExecutionException ended) {
            return Refusal.closing(HttpResponseStatus.SERVICE_UNAVAILABLE,
                    "the machine has ended and answers no more requests");
        }
    }

    /**
     * Makes a page on the machine's thread. An {@code Error} that unwinds the machine passes through, and the client
     * still gets an answer.
     */
    private void run(ChannelHandlerContext ctx, HttpRequest request, String path, Map<String, String> parameters,
            int tries) {
        WebPages.Answer answer = null;
        try {
            answer = service.pages().page(path, parameters);
        } catch (RuntimeException | StackOverflowError failed) {
            answer = error(500, "internal error: " + failed);
        } finally {
            if (answer != null && answer.status() == UNAVAILABLE && tries > 0) {
                tryLater(ctx, request, path, parameters, tries);
            } else {
                postBack(ctx, request, answer != null ? answer
                        : error(UNAVAILABLE, "the machine ended while it made the page"));
            }
        }
    }

    /** A machine that was switched on a moment ago has nothing to show yet. */
    private void tryLater(ChannelHandlerContext ctx, HttpRequest request, String path, Map<String, String> parameters,
            int tries) {
        try {
            ctx.executor().schedule(() -> {
                Refusal ended = post(ctx, request, path, parameters, tries - 1);
                if (ended != null) {
                    refuse(ctx, request, ended);
                }
            }, PAUSE_MILLISECONDS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException portWasClosed) {
            // No client is left to read it.
        }
    }

    private WebPages.Answer error(int status, String sentence) {
        return new WebPages.Answer(status, service.pages().error(status, sentence));
    }

    private void postBack(ChannelHandlerContext ctx, HttpRequest request, WebPages.Answer answer) {
        try {
            ctx.executor().execute(() -> reply(ctx, request,
                    response(HttpResponseStatus.valueOf(answer.status()), answer.json()), false));
        } catch (RejectedExecutionException portWasClosed) {
            // No client is left to read it.
        }
    }

    private void refuse(ChannelHandlerContext ctx, HttpRequest request, Refusal refusal) {
        FullHttpResponse response = response(refusal.status(),
                service.pages().error(refusal.status().code(), refusal.sentence()));
        if (refusal.status().equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
            response.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
        } else if (refusal.status().equals(HttpResponseStatus.UNAUTHORIZED)) {
            response.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
        } else if (refusal.status().equals(HttpResponseStatus.UPGRADE_REQUIRED)) {
            response.headers().set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
        }
        reply(ctx, request, response, refusal.closes());
    }

    private static FullHttpResponse response(HttpResponseStatus status, byte[] json) {
        FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status,
                Unpooled.wrappedBuffer(json));
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .set(HttpHeaderNames.CONTENT_LENGTH, json.length)
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set("x-content-type-options", "nosniff")
                .set("cross-origin-resource-policy", "same-origin");
        return response;
    }

    private void reply(ChannelHandlerContext ctx, HttpRequest request, FullHttpResponse response, boolean closes) {
        if (ctx.isRemoved() || over) {
            response.release();
            return;
        }
        boolean isLast = closes || !HttpUtil.isKeepAlive(request);
        HttpUtil.setKeepAlive(response, !isLast);
        over = isLast;
        await(ctx, ctx::close);
        ctx.writeAndFlush(response).addListener(written -> {
            if (isLast) {
                deadline.cancel();
                entrance.end(ctx);
            } else if (written.isSuccess()) {
                busy = false;
                await(ctx, () -> expire(ctx));
                goOn(ctx);
                readOn(ctx);
            } else {
                ctx.close();
            }
        });
    }

    /** Does something unless the connection has made progress by then. */
    private void await(ChannelHandlerContext ctx, Runnable otherwise) {
        if (deadline != null) {
            deadline.cancel();
        }
        deadline = Patience.start(ctx.executor(), PATIENCE_SECONDS, otherwise);
    }

    private void expire(ChannelHandlerContext ctx) {
        if (!over && !busy) {
            over = true;
            entrance.end(ctx);
        }
    }
}
